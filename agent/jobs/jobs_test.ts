import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import type { Clock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { DEFAULT_HISTORY, type Schedule } from "../../shared/model/schedule.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { ContainerSeen } from "../drivers/podman/driver.ts";
import type { Desired } from "../reconcile/world.ts";
import { deploymentId, testDeployment, testDesired, testSpec } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";
import type { Book } from "./book.ts";
import { createJobs, type Jobs } from "./jobs.ts";
import { createJobStore, type JobStore } from "./store.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-21T12:00:00Z");

function jobOf(over: Partial<Schedule> = {}): Deployment {
  const schedule: Schedule = {
    cron: "* * * * *",
    timeZone: "UTC",
    overlap: "forbid",
    missed: "run_once",
    retries: 0,
    history: DEFAULT_HISTORY,
    ...over,
  };
  return testDeployment("job", {
    kind: "job",
    addresses: ["10.200.7.2"],
    spec: testSpec({ schedule, restart: { kind: "no" } }),
  });
}

/** A machine with one node: its clocks go as the test says, its containers as the simulation does. */
async function createMachine(
  job: Deployment,
  store: JobStore = memoryStore(),
  machine = { now: START, uptime: 0, bootId: "one" },
  there: Iterable<readonly [DeploymentId, ContainerSeen]> = [],
) {
  let intent: Desired | null = testDesired([job]);
  let behaviour: "healthy" | "exits_0" | "exits_1" = "healthy";
  const dropped: string[] = [];
  const events: string[] = [];
  const clock: Clock = {
    now: () => machine.now,
    monotonic: () => machine.uptime,
    // One tick each time that the loop is let go on.
    sleep: (_ms, signal) =>
      new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true })),
  };
  const jobs: Jobs = await createJobs({
    store,
    clock,
    uptime: () => ({ bootId: machine.bootId, ms: machine.uptime }),
    zone: () => "UTC",
    intent: () => intent,
    desired: () => intent === null ? null : jobs.overlay(intent),
    seal: () => "",
    unseal: () => new Uint8Array(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    changed: () => undefined,
    dropLog: (id) => Promise.resolve(void dropped.push(id)),
    tell: ({ kind, message }) => void events.push(`${kind}: ${message}`),
    log: silentLog,
  });
  const simulation = createSimulation(testDesired([]), () => behaviour);
  for (const [id, seen] of there) simulation.containers.set(id, seen);
  const stop = new AbortController();
  const running = jobs.run(stop.signal);
  const settle = async () => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** The node looks and acts until nothing is left to do. */
  async function work(): Promise<void> {
    for (let i = 0; i < 8; i++) {
      jobs.poke();
      await settle();
      simulation.desired = intent === null ? testDesired([]) : jobs.overlay(intent);
      jobs.follow(simulation.world());
      await settle();
      simulation.desired = intent === null ? testDesired([]) : jobs.overlay(intent);
      for (const { verdict } of simulation.plan()) {
        if (verdict.kind === "do") simulation.execute(verdict.step, verdict.key);
      }
      simulation.pass(1);
    }
  }
  async function pass(ms: number): Promise<void> {
    machine.now += ms;
    machine.uptime += ms;
    await work();
  }
  await work();
  return {
    jobs,
    simulation,
    machine,
    dropped,
    events,
    work,
    pass,
    behave: (as: typeof behaviour) => void (behaviour = as),
    want: (next: Desired | null) => void (intent = next),
    runs: () => jobs.reports().flatMap(({ runs }) => runs),
    skipped: () => jobs.reports()[0]?.skipped ?? null,
    told: () =>
      jobs.reports().flatMap(({ runs }) =>
        runs.map(({ number, trigger, result }) => `${number} ${trigger} ${result ?? "under way"}`)
      ),
    /** The agent is no more; its disk and its containers are. */
    async kill() {
      stop.abort();
      await running;
    },
  };
}

function memoryStore(): JobStore & { book: Book } {
  const store = {
    book: new Map() as Book,
    load: () => Promise.resolve(store.book),
    save: (book: Book) => Promise.resolve(void (store.book = book)),
  };
  return store;
}

const ask = (id = deploymentId("job"), asJob = true) => ({
  ...{ deployment: id, tty: false, stdin: false, noDeps: false, asJob },
});

Deno.test("a job runs when it is due, and its service has no container between its runs", async () => {
  const box = await createMachine(jobOf());
  box.behave("exits_0");
  assert.equal(box.simulation.containers.size, 0);
  await box.pass(MINUTE);
  assert.deepEqual(box.told(), ["1 schedule succeeded"]);
  assert.equal(box.runs()[0]?.scheduledFor, START + MINUTE);
  assert.equal(box.simulation.containers.size, 0);
  for (let i = 0; i < 5; i++) await box.pass(MINUTE);
  assert.deepEqual(box.told(), [
    "6 schedule succeeded",
    "5 schedule succeeded",
    "4 schedule succeeded",
  ]);
  assert.equal(box.dropped.length, 3);
  await box.kill();
});

Deno.test("a clock that jumps ten years gives one run, and one hour after it is back the next", async () => {
  const box = await createMachine(jobOf({ cron: "0 3 * * *" }));
  box.behave("exits_0");
  const year = 365 * 86_400_000;
  box.machine.now += 10 * year;
  await box.work();
  assert.deepEqual(box.told(), ["1 missed succeeded"]);
  box.machine.now -= 10 * year;
  await box.work();
  assert.deepEqual(box.told(), ["1 missed succeeded"]);
  await box.pass(86_400_000);
  assert.equal(box.told().length, 2);
  await box.kill();
});

Deno.test("forbid: a run under way keeps others from beginning, and this is told and counted", async () => {
  const box = await createMachine(jobOf());
  await box.pass(MINUTE);
  await box.pass(MINUTE);
  await box.pass(MINUTE);
  assert.deepEqual(box.told(), ["1 schedule under way"]);
  assert.equal(box.skipped()?.count, 2);
  assert.match(box.skipped()?.reason.message ?? "", /run 1 was still under way/);
  await assert.rejects(box.jobs.start(ask()), { code: "job_running" });
  await box.kill();
});

Deno.test("replace: the one before ends first, then the next begins", async () => {
  const box = await createMachine(jobOf({ overlap: "replace" }));
  await box.pass(MINUTE);
  const [first] = box.simulation.containers.values();
  assert.equal(first?.state, "running");
  await box.pass(MINUTE);
  assert.deepEqual(box.told(), ["2 schedule under way", "1 schedule replaced"]);
  const there = [...box.simulation.containers.values()];
  assert.deepEqual(there.map(({ state }) => state), ["running"]);
  assert.notEqual(there[0]?.id, first?.id);
  await box.kill();
});

Deno.test("allow: they run beside each other, each at an address of its own, up to a limit", async () => {
  const box = await createMachine(jobOf({ overlap: "allow" }));
  for (let i = 0; i < 12; i++) await box.pass(MINUTE);
  const there = [...box.simulation.containers.values()];
  assert.equal(there.length, 10);
  assert.equal(new Set(there.map(({ address }) => address)).size, 10);
  assert.equal(box.skipped()?.count, 2);
  await box.kill();
});

Deno.test("a time limit counts on the uptime, whatever the clock does", async () => {
  const box = await createMachine(jobOf({ cron: "0 0 1 1 *", timeoutMs: MINUTE }));
  await box.jobs.start(ask());
  await box.work();
  box.machine.now += 3_600_000;
  await box.work();
  assert.deepEqual(box.told(), ["1 person under way"]);
  await box.pass(MINUTE);
  assert.deepEqual(box.told(), ["1 person timed_out"]);
  assert.equal(box.simulation.containers.size, 0);
  await box.kill();
});

Deno.test("a run that failed is tried again after a pause, as often as asked", async () => {
  const box = await createMachine(jobOf({ cron: "0 0 1 1 *", retries: 2 }));
  box.behave("exits_1");
  await box.jobs.start(ask());
  await box.work();
  assert.deepEqual(box.told(), ["2 retry under way", "1 person failed"]);
  assert.equal(box.simulation.containers.size, 0);
  assert.equal(box.runs()[0]?.reason?.code, "pause");
  await box.pass(5_000);
  await box.pass(10_000);
  assert.deepEqual(box.told(), ["3 retry failed", "2 retry failed", "1 person failed"]);
  await box.pass(MINUTE);
  assert.equal(box.told().length, 3);
  await box.kill();
});

Deno.test("what a person suspends is not run until it is resumed, also by an agent that comes back", async () => {
  const store = memoryStore();
  const job = jobOf();
  const box = await createMachine(job, store);
  box.behave("exits_0");
  await box.jobs.suspend(job.service, true);
  await box.pass(MINUTE);
  assert.deepEqual(box.told(), []);
  await box.kill();
  const again = await createMachine(job, store, box.machine);
  again.behave("exits_0");
  await again.pass(10 * MINUTE);
  assert.deepEqual(again.told(), []);
  assert.equal(again.jobs.reports()[0]?.suspended, true);
  // A person runs it all the same.
  await again.jobs.start(ask());
  await again.work();
  assert.deepEqual(again.told(), ["1 person succeeded"]);
  await again.jobs.suspend(job.service, false);
  await again.work();
  assert.deepEqual(again.told(), ["1 person succeeded"]);
  await again.pass(MINUTE);
  assert.deepEqual(again.told(), ["2 schedule succeeded", "1 person succeeded"]);
  await again.jobs.suspend(job.service, false);
  assert.deepEqual(box.events, ["suspended: a person keeps it from being run by the clock"]);
  assert.deepEqual(again.events.filter((each) => each.startsWith("resumed")), [
    "resumed: it is run by the clock again",
  ]);
  const other = testDeployment("other").service;
  await assert.rejects(again.jobs.suspend(other, true), { code: "not_scheduled" });
  await again.kill();
});

Deno.test("each run is told when it begins and when it ends; what is skipped for one reason, once", async () => {
  const box = await createMachine(jobOf({ retries: 1 }));
  box.behave("exits_1");
  await box.pass(MINUTE);
  box.behave("healthy");
  await box.pass(5_000);
  for (let i = 0; i < 3; i++) await box.pass(MINUTE);
  const { number } = box.runs()[0] ?? {};
  await box.jobs.stop(jobOf().service, number ?? 0);
  await box.work();
  box.machine.now += 3 * 3_600_000;
  box.behave("exits_0");
  await box.work();
  assert.deepEqual(box.events, [
    "run_begun: run 1 begins: it was due at 2026-11-21 12:01:00 UTC",
    "run_ended: run 1 failed: it exited with code 1",
    "run_begun: run 2 begins: the one before failed and is tried again",
    "run_skipped: nothing is run for 2026-11-21 12:02:00 UTC: run 2 was still under way",
    "run_ended: run 2 is ended: a person ended it",
    "run_begun: run 3 begins: it was due at 2026-11-21 15:04:00 UTC",
    "run_ended: run 3 succeeded",
  ]);
  await box.kill();
});

Deno.test("an agent that comes back adopts its runs, and tells once of those that ended meanwhile", async () => {
  const store = memoryStore();
  const job = jobOf({ cron: "0 0 1 1 *", overlap: "allow" });
  const box = await createMachine(job, store);
  await box.jobs.start(ask());
  await box.jobs.start(ask());
  await box.work();
  const [one, two] = [...box.simulation.containers.keys()];
  await box.kill();
  // Its containers are there as they were, but for one that ended.
  const left = [...box.simulation.containers].map(([id, seen]) =>
    [
      id,
      id === two
        ? { ...seen, state: "exited" as const, pid: null, exitCode: 4, finishedAt: START }
        : seen,
    ] as const
  );
  const again = await createMachine(job, store, box.machine, left);
  assert.deepEqual(again.told(), ["1 person under way", "2 person failed"]);
  assert.deepEqual([...again.simulation.containers.keys()], [one]);
  await again.kill();
  const third = await createMachine(job, store, again.machine, again.simulation.containers);
  assert.deepEqual(third.told().filter((each) => each.endsWith("failed")), ["2 person failed"]);
  await third.kill();
});

Deno.test("what ran when the machine went down is lost, once, and tried again where it may be", async () => {
  const store = memoryStore();
  const job = jobOf({ cron: "0 0 1 1 *", retries: 1 });
  const box = await createMachine(job, store);
  await box.jobs.start(ask());
  await box.work();
  await box.kill();
  const booted = await createMachine(job, store, { now: START + MINUTE, uptime: 0, bootId: "two" });
  assert.deepEqual(booted.told(), ["2 retry under way", "1 person lost"]);
  assert.match(booted.runs()[1]?.reason?.message ?? "", /machine was started anew while it ran/);
  await booted.pass(5_000);
  assert.equal(booted.simulation.containers.size, 1);
  await booted.kill();
  const twice = await createMachine(job, store, { now: START, uptime: 0, bootId: "three" });
  assert.deepEqual(twice.told(), ["2 retry lost", "1 person lost"]);
  await twice.kill();
});

Deno.test("a container that another hand removes is a run that is lost, and is not made again", async () => {
  const box = await createMachine(jobOf({ cron: "0 0 1 1 *" }));
  await box.jobs.start(ask());
  await box.work();
  box.simulation.containers.clear();
  await box.work();
  assert.deepEqual(box.told(), ["1 person lost"]);
  assert.equal(box.simulation.containers.size, 0);
  await box.kill();
});

Deno.test("runs end with their service, and by hand; another number is told", async () => {
  const box = await createMachine(jobOf({ cron: "0 0 1 1 *", overlap: "allow" }));
  await box.jobs.start(ask());
  const { number, container } = await box.jobs.start({ ...ask(undefined, false), name: "mine" });
  assert.deepEqual([number, container], [2, "mine"]);
  await box.work();
  await box.jobs.stop(jobOf().service, 2);
  await assert.rejects(box.jobs.stop(jobOf().service, 2), { code: "run_unknown" });
  await box.work();
  assert.deepEqual(box.told(), ["1 person under way", "2 person stopped"]);
  box.want(testDesired([]));
  await box.work();
  assert.deepEqual([box.told(), box.simulation.containers.size], [[], 0]);
  await box.kill();
});

Deno.test("a run that cannot be started is a failed one with its reason; what may pass is waited for", async () => {
  const box = await createMachine(jobOf({ cron: "0 0 1 1 *" }));
  const { deployment } = await box.jobs.start(ask());
  box.jobs.cannotStart(deployment, new Error("Podman is away"));
  await box.work();
  assert.deepEqual(box.told(), ["1 person under way"]);
  const reason = { code: "dependency_failed", message: '"db" ended with exit code 1' };
  const verdict = { facet: "containers", subject: deployment, kind: "blocked", reason } as const;
  box.jobs.judge([verdict]);
  await box.work();
  assert.deepEqual(box.told(), ["1 person failed"]);
  assert.deepEqual(box.runs()[0]?.reason, reason);
  await box.kill();
});

Deno.test("a disk that takes nothing keeps no job from running", async () => {
  const store = { ...memoryStore(), save: () => Promise.reject(new Error("no space left")) };
  const box = await createMachine(jobOf(), store);
  box.behave("exits_0");
  await box.pass(MINUTE);
  assert.deepEqual(box.told(), ["1 schedule succeeded"]);
  await box.kill();
});

Deno.test("the book is as it was written; a damaged one is put aside", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/jobs.json`;
    const store = memoryStore();
    const box = await createMachine(jobOf(), store);
    await box.pass(MINUTE);
    await box.kill();
    await createJobStore(path, silentLog).save(store.book);
    assert.deepEqual(await createJobStore(path, silentLog).load(), store.book);
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).slice(0, -9));
    assert.deepEqual(await createJobStore(path, silentLog).load(), new Map());
    assert.ok((await Deno.stat(`${path}.damaged`)).isFile);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
