import assert from "node:assert/strict";
import { ServiceName } from "../../shared/model/service_spec.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

Deno.test("a changed restart policy is a change, and no restart", async () => {
  await using h = await createHarness();
  const request = (restart: string) =>
    testRequest(testModel("shop", { web: testService({ restart }) }));
  await h.api.createRelease("shop", request("always"));
  await h.agent.settle();
  await h.api.createRelease("shop", request("on-failure:3"));
  await h.agent.settle();
  await h.api.edit("shop", { edits: [{ kind: "restart", service: ServiceName.parse("web") }] });
  const rows = await h.api.changes({ project: "shop" });
  assert.deepEqual(
    rows.map(({ summary }) => summary).filter((each) => /web (changed|restarted)/.test(each)),
    ["web restarted", "web changed"],
  );
});
