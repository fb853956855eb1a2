/** Bodies that once did what they must not, found by the fuzzer. */
import { strictEqual } from "node:assert/strict";
import { API_ORIGIN } from "../../shared/api/client.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

Deno.test("half of a character in a body is the caller's fault, not an internal error", async () => {
  await using harness = await createHarness();
  const planOf = async (label: string) => {
    const model = testModel("shop", { web: testService({ labels: { a: "LABEL" } }) });
    const body = JSON.stringify(testRequest(model)).replace("LABEL", label);
    const headers = { "content-type": "application/json" };
    const path = `${API_ORIGIN}/api/v1/projects/shop/plan`;
    const request = new Request(path, { method: "POST", headers, body });
    const response = await harness.app.fetch(request, { kind: "root", via: "socket" });
    await response.body?.cancel();
    return response.status;
  };
  strictEqual(await planOf("\\ud800"), 400);
  strictEqual(await planOf("\\ud83d\\ude00"), 200);
  strictEqual(await planOf("\\\\ud800"), 200);
});
