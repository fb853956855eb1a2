import assert from "node:assert/strict";
import { testDeployment, testDesired } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";
import { waitsFor } from "./turn.ts";

/** Two replicas that serve, each with one that is to take its place. */
function twoReplicas(order: "beside" | "stop_first") {
  const pair = (slot: number) => {
    const old = testDeployment(`old${slot}`, { slot, want: "retire" as const });
    const service = testDeployment("web", {}).service;
    const fresh = testDeployment(`new${slot}`, { slot, replaces: old.id, order });
    return [{ ...old, service }, { ...fresh, service }] as const;
  };
  const [[old1, new1], [old2, new2]] = [pair(1), pair(2)] as const;
  return { old1, new1, old2, new2 };
}

for (const order of ["beside", "stop_first"] as const) {
  Deno.test(`the second replica is replaced once the first is healthy again: ${order}`, () => {
    const { old1, new1, old2, new2 } = twoReplicas(order);
    const simulation = createSimulation(testDesired([old1, new1, old2, new2]), () => "healthy");
    simulation.place(old1);
    simulation.place(old2);
    const state = () => {
      const world = simulation.world();
      const [section] = world.desired.containers;
      assert.ok(section);
      const runs = (id: typeof new1.id) =>
        world.seen.containers.byDeployment.get(id)?.state === "running";
      const turn = waitsFor(world, section, new2);
      return { turn: turn?.slot ?? null, second: runs(new2.id), oldSecond: runs(old2.id) };
    };
    let waited = false;
    for (let step = 0; step < 2_000; step++) {
      const before = state();
      if (before.turn !== null) {
        waited = true;
        assert.equal(before.second, false);
        assert.equal(before.oldSecond, true, "it serves while it is not its turn");
      }
      if (before.second) return assert.ok(waited);
      const ready = simulation.plan().map(({ verdict }) => verdict)
        .find((verdict) => verdict.kind === "do");
      if (ready?.kind === "do") simulation.execute(ready.step, ready.key);
      simulation.pass(100);
    }
    assert.fail("the second one was never replaced");
  });
}

Deno.test("a replica whose old one does not run waits for none", () => {
  const { old1, new1, old2, new2 } = twoReplicas("beside");
  const simulation = createSimulation(testDesired([old1, new1, old2, new2]), () => "healthy");
  simulation.place(old1);
  const world = simulation.world();
  const [section] = world.desired.containers;
  assert.ok(section);
  assert.equal(waitsFor(world, section, new2), null);
});
