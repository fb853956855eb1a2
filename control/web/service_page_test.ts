import assert from "node:assert/strict";
import { SkerryError } from "../../shared/errors.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

async function pageOf(
  { app }: Harness,
): Promise<{ readonly status: number; readonly text: string }> {
  const request = new Request("https://box.example/projects/shop/services/web");
  const response = await app.fetch(request, { kind: "root", via: "socket" });
  return { status: response.status, text: await response.text() };
}

Deno.test("a service is shown without what happened where its node cannot say it, with the reason", async () => {
  await using harness = await createHarness();
  await harness.api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  await harness.agent.settle();
  assert.match((await pageOf(harness)).text, /Nothing happened yet/);
  harness.link.events = () => {
    throw new SkerryError("node_unreachable", 'node "box" is not connected');
  };
  const { status, text } = await pageOf(harness);
  assert.equal(status, 200);
  assert.match(text, /What happened cannot be had right now/);
  assert.match(text, /Node &quot;box&quot; is not connected\./);
  assert.match(text, /id="replicas"/);
});
