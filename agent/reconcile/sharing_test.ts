import assert from "node:assert/strict";
import fc from "fast-check";
import { ServiceName } from "../../shared/model/service_spec.ts";
import { testDeployment, testDesired, testSpec } from "../testing/intent.ts";
import { createSimulation, type Simulation } from "../testing/simulation.ts";
import { wantedNames } from "../facets/names/wanted.ts";
import { isReady, memoryOf } from "./intent.ts";
import { SHARE_LABELS } from "./sharing.ts";

const vpn = ServiceName.parse("vpn");
const PLACE = { listen: [], upstreams: [] };
const sharing = () =>
  testSpec({
    shares: { network: vpn, pid: vpn },
    networks: [{ network: "p/default", aliases: [] }],
  });

/** Steps until nothing is to be done; what was done, in its order. */
function settle(simulation: Simulation): string[] {
  const taken: string[] = [];
  for (let quiet = 0; quiet < 8;) {
    const step = simulation.plan().find(({ verdict }) => verdict.kind === "do")?.verdict;
    if (step?.kind !== "do") {
      quiet += 1;
      simulation.pass(10_000);
      continue;
    }
    quiet = 0;
    assert.ok(taken.length < 200, `it never comes to rest: ${taken.slice(-6).join(", ")}`);
    taken.push(step.key);
    simulation.execute(step.step, step.key);
    simulation.pass(100);
  }
  return taken;
}

/** The sharer runs in the namespaces of the container that runs for its host. */
function assertTogether(simulation: Simulation, sharer: string, host: string): void {
  const [one, other] = [testDeployment(sharer).id, testDeployment(host).id];
  const container = simulation.containers.get(one);
  assert.equal(container?.state, "running", sharer);
  assert.equal(container.labels[SHARE_LABELS.network], simulation.containers.get(other)?.id);
  for (const kind of ["network", "pid"] as const) {
    assert.notEqual(simulation.spaceOf(other, kind), null);
    assert.equal(simulation.spaceOf(one, kind), simulation.spaceOf(other, kind), kind);
  }
}

function names(simulation: Simulation): Record<string, readonly string[]> {
  const found: Record<string, string[]> = {};
  for (const each of wantedNames(simulation.world(), PLACE).hosts) {
    if (each.serving) found[each.service] = [...found[each.service] ?? [], each.address];
  }
  return found;
}

const host = (name: string, n: number, over = {}) =>
  testDeployment(name, { addresses: [`10.200.7.${n}`], ...over });

Deno.test("a sharer starts after its host, answers with its address, and follows it", () => {
  const simulation = createSimulation(
    testDesired([testDeployment("app", { spec: sharing() }), host("vpn/1", 10)]),
    () => "healthy",
  );
  const ids = { app: testDeployment("app").id, vpn: testDeployment("vpn/1").id };
  assert.deepEqual(settle(simulation), [`create:${ids.vpn}`, `create:${ids.app}`]);
  assertTogether(simulation, "app", "vpn/1");
  assert.deepEqual(names(simulation), { app: ["10.200.7.10"], vpn: ["10.200.7.10"] });

  // Its host falls: both are there again, and the sharer's own record is clean.
  const container = simulation.containers.get(ids.vpn);
  assert.ok(container);
  simulation.containers.set(ids.vpn, { ...container, state: "exited", pid: null, exitCode: 1 });
  settle(simulation);
  assertTogether(simulation, "app", "vpn/1");
  assert.equal(memoryOf(simulation.world(), ids.app).restarts, 0);
  assert.equal(memoryOf(simulation.world(), ids.vpn).restarts, 1);

  // Its host is replaced: it moves once the new one is healthy, and the old one goes after it.
  const old = host("vpn/1", 10, { want: "retire" });
  const next = host("vpn/2", 11, { replaces: old.id });
  const app = testDeployment("app", { spec: sharing() });
  simulation.desired = testDesired([app, old, next]);
  const taken = settle(simulation);
  assert.deepEqual(taken, [
    `create:${next.id}`,
    `remove:${app.id}`,
    `create:${app.id}`,
    `stop:${old.id}`,
  ]);
  assertTogether(simulation, "app", "vpn/2");
  assert.deepEqual(names(simulation), { app: ["10.200.7.11"], vpn: ["10.200.7.11"] });
});

const order = fc.constantFrom("beside" as const, "stop_first" as const);
const event = fc.constantFrom("host falls", "sharer falls", "nothing");

Deno.test("whatever is replaced or falls, the sharer lives with the host that serves, and nothing is removed under it", () => {
  fc.assert(fc.property(
    fc.record({
      hostReplaced: fc.boolean(),
      sharerReplaced: fc.boolean(),
      hostOrder: order,
      newHostIsWell: fc.boolean(),
      before: event,
      after: event,
      gone: fc.boolean(),
    }),
    (shape) => {
      const app = (name: string, over = {}) => testDeployment(name, { spec: sharing(), ...over });
      const ill = testDeployment("vpn/2").id;
      const simulation = createSimulation(
        testDesired([app("app/1"), host("vpn/1", 10)]),
        (id) => id === ill && !shape.newHostIsWell ? "never_healthy" : "healthy",
      );
      const fall = (what: typeof shape.before) => {
        for (const [id, seen] of simulation.containers) {
          const isHost = seen.name.startsWith("test-vpn");
          if (what === "nothing" || isHost !== (what === "host falls")) continue;
          if (seen.state !== "running") continue;
          simulation.containers.set(id, { ...seen, state: "exited", pid: null, exitCode: 1 });
        }
      };
      settle(simulation);
      fall(shape.before);
      const hosts = shape.hostReplaced
        ? [
          host("vpn/1", 10, { want: "retire" }),
          host("vpn/2", 11, {
            replaces: testDeployment("vpn/1").id,
            order: shape.hostOrder,
            orderReason: shape.hostOrder === "beside" ? null : "a volume",
          }),
        ]
        : [host("vpn/1", 10)];
      const sharers = shape.sharerReplaced
        ? [
          app("app/1", { want: "retire" }),
          app("app/2", {
            replaces: testDeployment("app/1").id,
            order: "stop_first",
            orderReason: "ports",
          }),
        ]
        : [app("app/1")];
      simulation.desired = testDesired([...hosts, ...sharers]);
      settle(simulation);
      fall(shape.after);
      settle(simulation);
      const world = simulation.world();
      const serving = hosts.filter((each) => isReady(world, each.id));
      assert.equal(serving.length, 1);
      const wanted = shape.hostReplaced && shape.newHostIsWell ? "vpn/2" : "vpn/1";
      assert.equal(serving[0]?.id, testDeployment(wanted).id);
      assertTogether(simulation, shape.sharerReplaced ? "app/2" : "app/1", wanted);
      if (!shape.gone) return;
      const all = [...hosts, ...sharers].map((each) => ({ ...each, want: "absent" as const }));
      simulation.desired = testDesired(all);
      settle(simulation);
      assert.equal(simulation.containers.size, 0);
    },
  ));
});
