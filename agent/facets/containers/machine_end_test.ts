import assert from "node:assert/strict";
import { createLog } from "../../../shared/log.ts";
import { testDeployment, testDesired } from "../../testing/intent.ts";
import { createSimulation } from "../../testing/simulation.ts";
import { stopAtMachineEnd, stopsAtMachineEnd } from "./machine_end.ts";

function worldOf(states: Readonly<Record<string, "running" | "paused" | "exited" | null>>) {
  const deployments = Object.keys(states).map((name) => testDeployment(name, {}));
  const world = createSimulation(testDesired(deployments), () => "healthy").world();
  const byDeployment = new Map(deployments.flatMap((deployment, at) => {
    const state = Object.values(states)[at] ?? null;
    if (state === null) return [];
    return [[deployment.id, {
      id: `c-${Object.keys(states)[at]}`,
      name: `skerry-${at}`,
      state,
      labels: {},
      imageId: "b".repeat(64),
      pid: 1,
      exitCode: null,
      startedAt: 1,
      finishedAt: null,
      address: null,
    }]];
  }));
  return {
    ...world,
    seen: { ...world.seen, containers: { ...world.seen.containers, byDeployment } },
  };
}

Deno.test("what lives is stopped with its own grace, what rests is left", () => {
  const steps = stopsAtMachineEnd(
    worldOf({ web: "running", db: "paused", job: "exited", none: null }),
  );
  assert.deepEqual(steps.map((step) => step.containerId).sort(), ["c-db", "c-web"]);
  const [first] = steps;
  assert.equal(first?.graceMs, testDeployment("web", {}).spec.stopGraceMs);
});

Deno.test("one that cannot be stopped keeps no other from it", async () => {
  const said: string[] = [];
  const log = createLog({
    write: (_level, message, fields) => void said.push(message, JSON.stringify(fields)),
  }, "info");
  const stopped: string[] = [];
  await stopAtMachineEnd(worldOf({ web: "running", db: "running" }), async (step) => {
    if (step.containerId === "c-db") throw new Error("no answer");
    stopped.push(step.containerId);
  }, log);
  assert.deepEqual(stopped, ["c-web"]);
  assert.match(said.join("\n"), /no answer/);
});
