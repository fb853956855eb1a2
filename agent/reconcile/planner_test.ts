import assert from "node:assert/strict";
import fc from "fast-check";
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import { PHASES } from "../../shared/model/verdict.ts";
import { testDeployment, testDesired, testSpec } from "../testing/intent.ts";
import { type Behaviour, createSimulation, type Simulation } from "../testing/simulation.ts";
import { bindFacet } from "./action.ts";
import { choose } from "./choose.ts";
import { intentOf, isReady, memoryOf, replacements } from "./intent.ts";

/** Turns until nothing is to be done or waited for; the steps, in the order that they were taken. */
function settle(simulation: Simulation, turns = 400): readonly { key: string; phase: string }[] {
  const facet = bindFacet({
    name: "containers",
    observe: () => Promise.reject(new Error("the simulation observes")),
    plan: () => simulation.plan(),
    execute: () => Promise.resolve(),
  });
  const taken: { key: string; phase: string }[] = [];
  const attempts = new Map();
  let quiet = 0;
  for (let turn = 0; turn < turns; turn++) {
    const planned = simulation.plan();
    const world = simulation.world();
    const actions = facet.actions(world, simulation.now);
    const next = choose(actions, attempts, new Set(), simulation.now)[0];
    if (next === undefined) {
      // Quiet looks over more than a deadline: nothing is on its way any more.
      const waits = planned.some(({ verdict }) => verdict.kind === "waiting");
      quiet = waits ? 0 : quiet + 1;
      if (quiet > 3) return taken;
      simulation.pass(waits ? 2_000 : 30_000);
      continue;
    }
    quiet = 0;
    const step = simulation.plan().find(({ verdict }) =>
      verdict.kind === "do" && verdict.key === next.verdict.key
    )?.verdict;
    assert.ok(step?.kind === "do", "what was chosen is still planned");
    // In the stated order: no step of an earlier phase was ready and passed over.
    const ready = choose(actions, attempts, new Set(), simulation.now);
    const ranks = ready.map(({ verdict }) => PHASES.indexOf(verdict.phase));
    assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b));
    taken.push({ key: step.key, phase: step.phase });
    if (simulation.execute(step.step, step.key)) attempts.delete(step.key);
    else {
      attempts.set(step.key, {
        failures: 1,
        retryAt: simulation.now + 1e9,
        reason: { code: "broken", message: "" },
        remedy: null,
      });
      simulation.broken.add(step.key);
    }
    simulation.pass(100);
  }
  return taken;
}

interface Shape {
  readonly kind: "lone" | "pair" | "absent";
  readonly order: "beside" | "stop_first";
  readonly behaviour: Behaviour;
  readonly initial: "none" | "running" | "exited" | "created" | "dead" | "wrong_hash";
}

const shape: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom("lone", "pair", "absent"),
  order: fc.constantFrom("beside", "stop_first"),
  behaviour: fc.constantFrom("healthy", "never_healthy"),
  initial: fc.constantFrom("none", "running", "exited", "created", "dead", "wrong_hash"),
});

function build(shapes: readonly Shape[]) {
  const deployments: Deployment[] = [];
  const behaviours = new Map<DeploymentId, Behaviour>();
  const placed: [Deployment, Shape["initial"]][] = [];
  shapes.forEach((each, index) => {
    const address = (n: number) => [`10.200.7.${10 + 2 * index + n}`];
    const first = testDeployment(`s${index}/old`, {
      slot: index + 1,
      want: each.kind === "lone" ? "run" : each.kind === "pair" ? "retire" : "absent",
      addresses: address(0),
    });
    deployments.push(first);
    // The one that serves already is well, so that a failed replacement has something to fall back on.
    behaviours.set(first.id, each.kind === "pair" ? "healthy" : each.behaviour);
    placed.push([first, each.initial]);
    if (each.kind !== "pair") return;
    const second = testDeployment(`s${index}/new`, {
      slot: index + 1,
      replaces: first.id,
      order: each.order,
      orderReason: each.order === "beside" ? null : 'both write to the volume "data"',
      addresses: address(1),
    });
    deployments.push(second);
    behaviours.set(second.id, each.behaviour);
  });
  const simulation = createSimulation(
    testDesired(deployments),
    (id) => behaviours.get(id) ?? "healthy",
  );
  for (const [deployment, initial] of placed) {
    switch (initial) {
      case "none":
        break;
      case "running":
        simulation.place(deployment);
        break;
      case "wrong_hash":
        simulation.place(deployment, {
          labels: { "skerry.deployment.id": deployment.id, "skerry.spec.hash": "other" },
        });
        break;
      case "created":
        simulation.place(deployment, { state: "created", startedAt: null, pid: null });
        break;
      case "exited":
      case "dead":
        simulation.place(deployment, { state: initial, exitCode: 1, pid: null });
        break;
    }
  }
  return simulation;
}

/** Every deployment is where its intent says. */
function assertConverged(simulation: Simulation, except: ReadonlySet<DeploymentId> = new Set()) {
  const world = simulation.world();
  const byReplaced = replacements(world);
  for (const deployment of simulation.desired.containers.flatMap((each) => each.deployments)) {
    if (except.has(deployment.id)) continue;
    const state = simulation.containers.get(deployment.id)?.state ?? "none";
    const intent = intentOf(world, deployment, byReplaced.get(deployment.id)).kind;
    const label = `${deployment.containerName}: intent ${intent}, state ${state}`;
    switch (intent) {
      case "run":
        assert.equal(state, "running", label);
        break;
      case "drain":
      case "yield":
      case "stay_stopped":
        assert.notEqual(state, "running", label);
        break;
      case "gone":
        assert.equal(state, "none", label);
        break;
    }
  }
}

Deno.test("any wanted over any actual converges, and a second run plans nothing", () => {
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 5 }), (shapes) => {
      const simulation = build(shapes);
      settle(simulation);
      assertConverged(simulation);
      const again = simulation.plan().filter(({ verdict }) => verdict.kind === "do");
      assert.deepEqual(again, []);
    }),
    { numRuns: 300 },
  );
});

Deno.test("each slot keeps a server through a replacement beside the old one", () => {
  fc.assert(
    fc.property(fc.constantFrom<Behaviour>("healthy", "never_healthy"), (behaviour) => {
      const simulation = build([{ kind: "pair", order: "beside", behaviour, initial: "running" }]);
      for (let turn = 0; turn < 200; turn++) {
        const world = simulation.world();
        const serving = [...world.serving.values()];
        assert.equal(serving.length, 1, "exactly one of the two serves at any time");
        const all = simulation.desired.containers.flatMap((each) => each.deployments);
        assert.ok(all.some((each) => isReady(world, each.id)));
        const step = simulation.plan().map(({ verdict }) => verdict)
          .find((verdict) => verdict.kind === "do");
        if (step?.kind === "do") simulation.execute(step.step, step.key);
        simulation.pass(1_000);
      }
      const world = simulation.world();
      const [served] = world.serving.values();
      assert.equal(served?.want, behaviour === "healthy" ? "run" : "retire");
    }),
    { numRuns: 10 },
  );
});

Deno.test("a replacement that never gets healthy is given up at its deadline and the old serves on", () => {
  for (const order of ["beside", "stop_first"] as const) {
    const simulation = build([{
      kind: "pair",
      order,
      behaviour: "never_healthy",
      initial: "running",
    }]);
    settle(simulation);
    const world = simulation.world();
    const [old, fresh] = [..."on"].map((letter) =>
      simulation.desired.containers[0]?.deployments.find((each) =>
        each.containerName.endsWith(letter === "o" ? "old" : "new")
      )
    );
    assert.ok(old && fresh);
    assert.equal(memoryOf(world, fresh.id).gaveUp?.reason.code, "deadline");
    assert.equal(simulation.containers.get(old.id)?.state, "running");
    assert.notEqual(simulation.containers.get(fresh.id)?.state, "running");
  }
});

Deno.test("a step that always fails starves nobody", () => {
  fc.assert(
    fc.property(fc.array(shape, { minLength: 2, maxLength: 5 }), fc.nat(), (shapes, at) => {
      const simulation = build(shapes);
      const keys = simulation.plan().flatMap(({ subject, verdict }) =>
        verdict.kind === "do" ? [{ subject, key: verdict.key }] : []
      );
      const chosen = keys[at % Math.max(1, keys.length)];
      fc.pre(chosen !== undefined);
      simulation.broken.add(chosen.key);
      settle(simulation);
      // The broken one's own slot may stand still; every other one gets there.
      const all = simulation.desired.containers.flatMap((each) => each.deployments);
      const slot = all.find((each) => each.id === chosen.subject)?.slot;
      const sameSlot = all.filter((each) => each.slot === slot).map((each) => each.id);
      assertConverged(simulation, new Set(sameSlot));
    }),
    { numRuns: 200 },
  );
});

Deno.test("jobs end once and never run again; who waits for them starts after", () => {
  const job = testDeployment("migrate", {
    kind: "job",
    spec: testSpec({ restart: { kind: "no" } }),
  });
  const web = testDeployment("web", {
    spec: testSpec({
      dependsOn: [{
        service: job.serviceName,
        condition: "service_completed_successfully",
        required: true,
      }],
    }),
  });
  const simulation = createSimulation(
    testDesired([job, web]),
    (id) => (id === job.id ? "exits_0" : "healthy"),
  );
  const taken = settle(simulation);
  assert.deepEqual(taken.map(({ key }) => key), [`create:${job.id}`, `create:${web.id}`]);
  const first = simulation.containers.get(job.id)?.id;
  // A boot: everything lies still, the memory is there.
  for (const [id, seen] of simulation.containers) {
    simulation.containers.set(id, { ...seen, state: "exited", pid: null, exitCode: 143 });
  }
  settle(simulation);
  assert.equal(simulation.containers.get(job.id)?.id, first);
  assert.equal(simulation.containers.get(job.id)?.state, "exited");
  assert.equal(simulation.containers.get(web.id)?.state, "running");
});

Deno.test("a failed job keeps what waits for it from starting, with the reason", () => {
  const job = testDeployment("migrate", {
    kind: "job",
    spec: testSpec({ restart: { kind: "no" } }),
  });
  const web = testDeployment("web", {
    spec: testSpec({
      dependsOn: [{
        service: job.serviceName,
        condition: "service_completed_successfully",
        required: true,
      }],
    }),
  });
  const simulation = createSimulation(
    testDesired([job, web]),
    (id) => (id === job.id ? "exits_1" : "healthy"),
  );
  settle(simulation);
  assert.equal(simulation.containers.has(web.id), false);
  const verdict = simulation.plan().find(({ subject }) => subject === web.id)?.verdict;
  assert.ok(verdict?.kind === "blocked");
  assert.equal(verdict.reason.code, "dependency_failed");
});
