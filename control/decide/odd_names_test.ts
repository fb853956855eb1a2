/** Names that every JavaScript object has a property of. */
import assert from "node:assert/strict";
import { ApiError } from "../../shared/api/problem.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const NAMES = ["constructor", "valueOf", "hasOwnProperty"];

Deno.test("a service, volume, network or config may be called as what every object has", async () => {
  for (const name of NAMES.filter((each) => each === each.toLowerCase())) {
    await using h = await createHarness();
    const model = testModel("shop", {
      [name]: testService({ volumes: [{ type: "volume", source: name, target: "/data" }] }),
    });
    const plan = await h.api.plan("shop", testRequest(model));
    assert.deepEqual(plan.services.map((each) => [each.service, each.image !== null]), [
      [name, true],
    ]);
    await h.api.createRelease("shop", testRequest(model));
    await h.agent.settle();
    const [deployment] = h.agent.deployments();
    assert.equal(deployment?.serviceName, name);
    assert.deepEqual((await h.api.volumes()).map((each) => each.name), [name]);
  }
});

Deno.test("what is not declared is not found, whatever it is called", async () => {
  await using h = await createHarness();
  const codes = async (over: Parameters<typeof testService>[0]) => {
    const request = testRequest(testModel("shop", { web: testService(over) }));
    const thrown = await h.api.plan("shop", request).then(() => null, (error: unknown) => error);
    assert.ok(thrown instanceof ApiError, `not refused: ${thrown}`);
    assert.ok(thrown.problem.status < 500, thrown.message);
    return thrown.problem.errors?.map((each) => each.code) ?? [thrown.code];
  };
  for (const name of NAMES) {
    assert.deepEqual(
      await codes({ configs: [{ source: name, target: "/c" }] }),
      await codes({ configs: [{ source: "other", target: "/c" }] }),
    );
  }
});
