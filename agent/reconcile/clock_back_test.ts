/** The machine's clock was set back while the agent was away: nothing waits for a time that will not come. */
import assert from "node:assert/strict";
import { testDeployment, testDesired } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";

const TEN_YEARS_MS = 315_000_000_000;

Deno.test("a crashed container is started again though the clock went back ten years", () => {
  const deployment = testDeployment("web");
  const simulation = createSimulation(testDesired([deployment]), () => "exits_1");
  simulation.now += TEN_YEARS_MS;
  let starts = 0;
  const run = (forMs: number) => {
    for (const end = simulation.now + forMs; simulation.now < end;) {
      for (const { verdict } of simulation.plan()) {
        if (verdict.kind !== "do") continue;
        if (verdict.step.kind === "start") starts += 1;
        simulation.execute(verdict.step, verdict.key);
      }
      simulation.pass(1_000);
    }
  };
  run(120_000);
  assert.ok(starts > 2, `${starts} starts`);
  simulation.now -= TEN_YEARS_MS;
  starts = 0;
  run(300_000);
  assert.ok(starts >= 2, `${starts} starts after the clock went back`);
});
