/** An hour beside a container that exits as soon as it is started. */
import assert from "node:assert/strict";
import { testDeployment, testDesired } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";

const HOUR_MS = 3_600_000;
/** As often as the loop looks at the latest. */
const TURN_MS = 1_000;

Deno.test("what exits at once for an hour is started at most once a minute, its neighbour never again", () => {
  const ill = testDeployment("ill", { addresses: ["10.200.7.10"] });
  const well = testDeployment("well", { addresses: ["10.200.7.11"] });
  const simulation = createSimulation(
    testDesired([ill, well]),
    (id) => id === ill.id ? "exits_1" : "healthy",
  );
  const starts: number[] = [];
  let others = 0;
  for (const begun = simulation.now; simulation.now < begun + HOUR_MS; simulation.pass(TURN_MS)) {
    for (const { verdict } of simulation.plan()) {
      if (verdict.kind !== "do") continue;
      if (verdict.key.endsWith(ill.id)) starts.push(simulation.now - begun);
      else others += 1;
      assert.ok(simulation.execute(verdict.step, verdict.key));
    }
  }
  // Seven in the first minute (0, 0, 1, 2, 4, 8, 16, 32 s apart), one each further minute.
  assert.ok(starts.length >= 60 && starts.length <= 68, `it was started ${starts.length} times`);
  const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
  assert.ok(gaps.every((gap) => gap <= 60_000 + 2 * TURN_MS), `it was left alone for ${gaps}`);
  assert.ok(gaps.slice(10).every((gap) => gap >= 60_000), `it was started too often: ${gaps}`);
  assert.equal(others, 1);
});
