import assert from "node:assert/strict";
import { createHarness } from "../../testing/harness.ts";
import { testModel, testRequest, testService } from "../../testing/models.ts";

Deno.test("who goes keeps its place in the firewall until it is gone, and nothing published", async () => {
  await using h = await createHarness();
  const apply = (replicas: number) =>
    h.api.createRelease(
      "shop",
      testRequest(testModel("shop", { web: testService({ deploy: { replicas } }) })),
    );
  const members = () =>
    h.agent.sections().flatMap((each) => each.capability === "firewall" ? each.members : []);
  await apply(2);
  await h.agent.settle();
  assert.equal(members().length, 2);
  await apply(1);
  await h.agent.fetch();
  // Requests that the proxy still leads there would hang.
  assert.equal(members().length, 2);
  await h.agent.settle();
  await h.agent.fetch();
  assert.equal(members().length, 1);
});
