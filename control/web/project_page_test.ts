import assert from "node:assert/strict";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

Deno.test("each release of a project leads to its page, and older ones to the way back", async () => {
  await using harness = await createHarness();
  const { agent, api, app } = harness;
  for (const tag of ["1", "2"]) {
    const image = `docker.io/library/web:${tag}`;
    await api.createRelease(
      "shop",
      testRequest(testModel("shop", { web: testService({ image }) })),
    );
    await agent.settle();
  }
  const [newest, older] = await api.releases("shop");
  assert(newest !== undefined && older !== undefined);
  const request = new Request("https://box.example/projects/shop");
  const text = await (await app.fetch(request, { kind: "root", via: "socket" })).text();
  assert(text.includes(`href="/releases/${newest.id}"`));
  assert(text.includes(`href="/releases/${older.id}"`));
  assert(text.includes(`href="/projects/shop/change?from=${older.id}"`));
  assert(!text.includes(`change?from=${newest.id}`));
});
