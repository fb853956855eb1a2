import assert from "node:assert/strict";
import type { RunStart } from "../../shared/model/link.ts";
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { AttachSession } from "../drivers/podman/driver.ts";
import type { Desired, World } from "../reconcile/world.ts";
import { deploymentId, testDeployment, testDesired } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";
import { createRuns, type Runs } from "./runs.ts";

const web = testDeployment("web", { addresses: ["10.200.7.2"] });
const START: RunStart = {
  deployment: web.id,
  command: ["sh"],
  tty: false,
  stdin: true,
  noDeps: false,
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (words: string) => new TextEncoder().encode(words);

/** Runs over a podman whose containers say one word; `sealed` is no secret here. */
function setup() {
  const stopped: string[] = [];
  const closed: string[] = [];
  let changes = 0;
  const desired: Desired = testDesired([web]);
  let count = 0;
  const runs: Runs = createRuns({
    podman: {
      attach: (id) =>
        Promise.resolve<AttachSession>({
          output: (async function* () {
            yield { stream: "stdout" as const, data: bytes("word") };
          })(),
          write: () => Promise.resolve(),
          closeStdin: () => Promise.resolve(),
          resize: () => Promise.resolve(),
          close: () => void closed.push(id),
        }),
      stopContainer: (id) => Promise.resolve(void stopped.push(id)),
    },
    desired: () => runs.overlay(desired),
    seal: text,
    unseal: bytes,
    random: (length) => new Uint8Array(length).fill(count++),
    changed: () => void changes++,
  });
  const own = () =>
    runs.overlay(desired).containers.flatMap(({ deployments }) => deployments)
      .filter(({ id }) => id !== web.id);
  const worldWith = (over: Partial<World> = {}): World => ({
    ...createSimulation(runs.overlay(desired), () => "healthy").world(),
    ...over,
  });
  const memoryOf = (id: DeploymentId, code: number): World["memory"] => {
    const memory = {
      firstStartedAt: 0,
      wasHealthy: false,
      gaveUp: null,
      restarts: 0,
      crashStreak: 0,
      lastCrashAt: null,
      countedStartAt: null,
      jobExit: { at: 1, code },
    };
    return new Map([[id, memory]]);
  };
  return { runs, own, worldWith, memoryOf, stopped, closed, changes: () => changes };
}

const never = new AbortController().signal;

Deno.test("a run is joined before its start, ends with its exit code, and is wanted no more", async () => {
  const { runs, own, worldWith, memoryOf } = setup();
  const opened = runs.run({ ...START, env: ["A=1=2"] }, never);
  const [wanted] = own();
  assert.ok(wanted !== undefined);
  assert.deepEqual(wanted.addresses, ["10.200.7.254"]);
  assert.deepEqual(JSON.parse(wanted.sealedEnvironment ?? ""), { A: "1=2" });
  await runs.beforeStart(wanted.id, "c1", never);
  runs.started(wanted.id);
  const session = await opened;
  for await (const { data } of session.output) assert.equal(text(data), "word");
  runs.follow(worldWith({ memory: memoryOf(wanted.id, 7) }));
  assert.equal(await session.exitCode(), 7);
  assert.deepEqual(own().map(({ want }) => want), ["absent"]);
  // Its container is not there any more: its address is free.
  runs.follow(worldWith());
  assert.deepEqual(own(), []);
});

Deno.test("two runs have two addresses; a bad variable is told and leaves nothing", async () => {
  const { runs, own } = setup();
  const gone = new AbortController();
  const both = [runs.run(START, gone.signal), runs.run(START, gone.signal)];
  assert.deepEqual(own().map(({ addresses }) => addresses[0]), ["10.200.7.254", "10.200.7.253"]);
  await assert.rejects(runs.run({ ...START, env: ["nothing"] }, never), { code: "bad_request" });
  assert.equal(own().length, 2);
  gone.abort();
  for (const each of both) await assert.rejects(each, { code: "aborted" });
  assert.deepEqual(own().map(({ want }) => want), ["absent", "absent"]);
});

Deno.test("who leaves ends the container; what cannot start is told and leaves", async () => {
  const { runs, own, stopped, closed } = setup();
  const opened = runs.run(START, never);
  const id = own()[0]?.id ?? deploymentId("none");
  await runs.beforeStart(id, "c1", never);
  runs.started(id);
  await (await opened).kill();
  assert.deepEqual([stopped, closed], [["c1"], ["c1"]]);
  assert.deepEqual(own().map(({ want }) => want), ["absent"]);

  const failing = runs.run(START, never);
  const other = own().find(({ want }) => want === "run")?.id ?? deploymentId("none");
  runs.cannotStart(other, new Error("no such program"));
  await assert.rejects(failing, /no such program/);

  const blocked = runs.run(START, never);
  const third = own().find(({ want }) => want === "run")?.id ?? deploymentId("none");
  const reason = { code: "dependency_failed", message: '"db" ended with exit code 1' };
  runs.judge([{ facet: "containers", subject: third, kind: "blocked", reason }]);
  await assert.rejects(blocked, reason);
  assert.ok(own().every(({ want }) => want === "absent"));
});
