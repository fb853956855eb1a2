import assert from "node:assert/strict";
import { testDeployment, testDesired } from "../../testing/intent.ts";
import { createSimulation } from "../../testing/simulation.ts";
import type { ContainerSeen } from "../../drivers/podman/driver.ts";
import type { Planned } from "../../reconcile/world.ts";
import { type ContainerStep, planContainers } from "./plan.ts";

const WANTED = "10.200.7.10";

function verdictOn(over: Partial<ContainerSeen>): Planned<ContainerStep>["verdict"] | undefined {
  const web = testDeployment("web", { addresses: [WANTED] });
  const simulation = createSimulation(testDesired([web]), () => "healthy");
  const world = simulation.world();
  const stray: ContainerSeen = {
    id: "c-stray",
    name: "skerry-by-hand",
    state: "running",
    labels: {},
    imageId: "b".repeat(64),
    pid: 1,
    exitCode: null,
    startedAt: 1,
    finishedAt: null,
    address: null,
    ...over,
  };
  const containers = { ...world.seen.containers, strays: [stray] };
  const planned = planContainers(
    { ...world, seen: { ...world.seen, containers } },
    simulation.now,
  );
  return planned.find((each) => each.subject === `container:${stray.name}`)?.verdict;
}

Deno.test("a container that bears our name but not our label is left alone", () => {
  assert.deepEqual(verdictOn({}), { kind: "converged" });
  assert.deepEqual(verdictOn({ address: "10.200.7.99" }), { kind: "converged" });
  const others = { "skerry.project.name": "p", "skerry.spec.hash": "x" };
  assert.deepEqual(verdictOn({ labels: others }), { kind: "converged" });
});

Deno.test("one that holds a wanted address is told, with the way to remove it, and left alone", () => {
  assert.deepEqual(verdictOn({ address: WANTED }), {
    kind: "blocked",
    reason: {
      code: "stranger",
      message: 'the container "skerry-by-hand", which Skerry did not make, holds 10.200.7.10, ' +
        "which is wanted",
    },
    remedy: "remove it from this home's Podman: podman rm --force skerry-by-hand",
  });
});

Deno.test("one that has our label and that no deployment wants is removed", () => {
  const labels = { "skerry.deployment.id": "unreadable" };
  const verdict = verdictOn({ labels, address: WANTED });
  assert.ok(verdict?.kind === "do" && verdict.step.kind === "remove");
  assert.equal(verdict.phase, "prepare");
});

for (const state of ["created", "exited", "dead"] as const) {
  Deno.test(`a container that is ${state} waits for no image: it may be what keeps a damaged one`, () => {
    const web = testDeployment("web", { addresses: [WANTED] });
    const simulation = createSimulation(testDesired([web]), () => "healthy");
    simulation.place(web, { state, pid: null, startedAt: null });
    const world = simulation.world();
    const containers = { ...world.seen.containers, images: new Map() };
    const [planned] = planContainers(
      { ...world, seen: { ...world.seen, containers } },
      simulation.now,
    );
    assert.ok(planned?.verdict.kind === "do", JSON.stringify(planned));
    assert.equal(planned.verdict.step.kind, state === "dead" ? "remove" : "start");
  });
}

Deno.test("what has no container waits for its image", () => {
  const web = testDeployment("web", { addresses: [WANTED] });
  const simulation = createSimulation(testDesired([web]), () => "healthy");
  const world = simulation.world();
  const containers = { ...world.seen.containers, images: new Map() };
  const [planned] = planContainers(
    { ...world, seen: { ...world.seen, containers } },
    simulation.now,
  );
  assert.ok(planned?.verdict.kind === "waiting", JSON.stringify(planned));
  assert.equal(planned.verdict.for.code, "image");
});

Deno.test("a replica fewer ends only once no connection leads to it, a deleted service at once", () => {
  const web = testDeployment("web", { addresses: [WANTED] });
  const second = testDeployment("web-2", {
    addresses: ["10.200.7.11"],
    service: web.service,
    slot: 2,
    want: "absent",
  });
  const alone = testDeployment("old", { addresses: ["10.200.7.12"], want: "absent" });
  const simulation = createSimulation(testDesired([web, second, alone]), () => "healthy");
  for (const each of [web, second, alone]) simulation.place(each, { state: "running" });
  const world = simulation.world();
  const names = {
    ...world.seen.names,
    addresses: new Set([WANTED]),
    withdrawnAt: new Map([["10.200.7.11", simulation.now], ["10.200.7.12", simulation.now]]),
  };
  const at = (passedMs: number, open: number) =>
    planContainers(
      {
        ...world,
        seen: { ...world.seen, names },
        connections: new Map([["10.200.7.11", open]]),
      },
      simulation.now + passedMs,
    );
  const of = (planned: readonly Planned<ContainerStep>[], id: string) =>
    planned.find((each) => each.subject.includes(id))?.verdict.kind;
  assert.equal(of(at(0, 0), second.id), "waiting", "resolvers still know it");
  assert.equal(of(at(6_000, 2), second.id), "waiting", "two are being served by it");
  assert.equal(of(at(6_000, 0), second.id), "do");
  assert.equal(of(at(second.spec.drainMs, 2), second.id), "do");
  assert.equal(of(at(0, 0), alone.id), "do");
});
