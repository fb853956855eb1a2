/** A first start that takes longer than its checks have patience for. */
import assert from "node:assert/strict";
import { testDeployment, testDesired } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";

Deno.test("what was never healthy is left to come up until its deadline, then it is started again", () => {
  const db = testDeployment("db", { addresses: ["10.200.7.10"] });
  const simulation = createSimulation(testDesired([db]), () => "unhealthy");
  const begun = simulation.now;
  const ends: number[] = [];
  for (; simulation.now < begun + 2 * db.spec.deadlineMs; simulation.pass(1_000)) {
    for (const { verdict } of simulation.plan()) {
      if (verdict.kind !== "do") continue;
      if (verdict.step.kind === "stop") ends.push(simulation.now - begun);
      assert.ok(simulation.execute(verdict.step, verdict.key));
    }
  }
  const [first] = ends;
  assert.ok(first !== undefined, "after the deadline it is started again");
  assert.ok(first >= db.spec.deadlineMs, `it was stopped after ${first} ms`);
});
