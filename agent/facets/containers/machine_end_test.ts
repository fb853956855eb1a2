import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { createLog, silentLog } from "../../../shared/log.ts";
import { ServiceName } from "../../../shared/model/service_spec.ts";
import { testDeployment, testDesired, testSpec } from "../../testing/intent.ts";
import { createSimulation } from "../../testing/simulation.ts";
import { stopAtMachineEnd, stopsAtMachineEnd } from "./machine_end.ts";

type State = "running" | "paused" | "exited" | null;

/** @param needs by service, what it waits for */
function worldOf(
  states: Readonly<Record<string, State>>,
  needs: Readonly<Record<string, readonly string[]>> = {},
) {
  const deployments = Object.keys(states).map((name) =>
    testDeployment(name, {
      spec: testSpec({
        dependsOn: (needs[name] ?? []).map((each) => ({
          service: ServiceName.parse(each),
          condition: "service_started" as const,
          required: true,
        })),
      }),
    })
  );
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
  assert.deepEqual(steps.map(({ stop }) => stop.containerId).sort(), ["c-db", "c-web"]);
  const [first] = steps;
  assert.equal(first?.stop.graceMs, testDeployment("web", {}).spec.stopGraceMs);
});

Deno.test("one that cannot be stopped keeps no other from it", async () => {
  const said: string[] = [];
  const log = createLog({
    write: (_level, message, fields) => void said.push(message, JSON.stringify(fields)),
  }, "info");
  const stopped: string[] = [];
  await stopAtMachineEnd(
    worldOf({ web: "running", db: "running" }),
    async (step) => {
      if (step.containerId === "c-db") throw new Error("no answer");
      stopped.push(step.containerId);
    },
    systemClock,
    log,
  );
  assert.deepEqual(stopped, ["c-web"]);
  assert.match(said.join("\n"), /no answer/);
});

Deno.test("what others need ends after them, all else beside each other; a circle ends too", async () => {
  const alive = { db: "running", app: "running", web: "running", other: "running" } as const;
  const ends = async (needs: Readonly<Record<string, readonly string[]>>) => {
    const happened: string[] = [];
    const { promise: othersBegun, resolve } = Promise.withResolvers<void>();
    await stopAtMachineEnd(
      worldOf(alive, needs),
      async ({ containerId }) => {
        happened.push(`${containerId} begins`);
        if (containerId === "c-other") resolve();
        // Nobody waits for it, so it begins before the first has ended.
        await othersBegun;
        happened.push(`${containerId} ends`);
      },
      systemClock,
      silentLog,
    );
    return happened.filter((each) => !each.startsWith("c-other"));
  };
  assert.deepEqual(await ends({ web: ["app"], app: ["db"] }), [
    "c-web begins",
    "c-web ends",
    "c-app begins",
    "c-app ends",
    "c-db begins",
    "c-db ends",
  ]);
  assert.equal((await ends({ web: ["app"], app: ["web"] })).length, 6);
});

Deno.test("one that needs too long holds no other up beyond its own grace", async () => {
  const stopped: string[] = [];
  const slept: number[] = [];
  const { promise: never, resolve } = Promise.withResolvers<void>();
  const clock = {
    ...systemClock,
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  await stopAtMachineEnd(
    worldOf({ web: "running", db: "running" }, { web: ["db"] }),
    async ({ containerId }) => {
      stopped.push(containerId);
      if (containerId === "c-web") await never;
      else resolve();
    },
    clock,
    silentLog,
  );
  assert.deepEqual(stopped, ["c-web", "c-db"]);
  assert.deepEqual(slept, [299_000]);
});
