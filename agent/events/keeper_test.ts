import assert from "node:assert/strict";
import { silentLog } from "../../shared/log.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import type { ReportedVerdict } from "../../shared/model/verdict.ts";
import { testDeployment, testDesired } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";
import { createEventKeeper, type EventKeeper } from "./keeper.ts";

const never = new AbortController().signal;

async function withFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function told(keeper: EventKeeper, service?: string): Promise<NodeEvent[]> {
  await keeper.close();
  const events: NodeEvent[] = [];
  const request = { follow: false, ...(service === undefined ? {} : { service }) };
  for await (const event of keeper.read(request, never)) events.push(event);
  return events;
}

function scene(behaviour: "healthy" | "exits_1") {
  const web = testDeployment("web", { addresses: ["10.200.7.10"] });
  const simulation = createSimulation(testDesired([web]), () => behaviour);
  const turn = (verdicts: readonly ReportedVerdict[] = []) => ({
    world: simulation.world(),
    verdicts,
    routes: [],
    controlProblem: null,
  });
  const clock = {
    now: () => simulation.now,
    monotonic: () => simulation.now,
    sleep: () => Promise.resolve(),
  };
  const steps = () => {
    for (const { verdict } of simulation.plan()) {
      if (verdict.kind === "do") simulation.execute(verdict.step, verdict.key);
    }
    simulation.pass(1_000);
  };
  return { web, simulation, turn, clock, steps };
}

Deno.test("a good life is told in order; a turn without news and a new start of the agent say nothing", async () => {
  await withFolder(async (folder) => {
    const { turn, clock, steps } = scene("healthy");
    const open = () => createEventKeeper({ folder, clock, log: silentLog });
    const keeper = await open();
    for (let i = 0; i < 5; i++) {
      keeper.offer(turn());
      steps();
    }
    const first = await told(keeper);
    assert.deepEqual(first.map(({ kind }) => kind), [
      "intent_received",
      "wanted",
      "created",
      "started",
      "healthy",
      "named",
    ]);
    const size = () => Deno.statSync(`${folder}/000001.log`).size;
    const written = size();
    const again = await open();
    for (let i = 0; i < 5; i++) again.offer(turn());
    assert.deepEqual(await told(again), first);
    assert.equal(size(), written);
  });
});

Deno.test("each fall is told with its exit code, the crash loop by its name, also over a new start", async () => {
  await withFolder(async (folder) => {
    const { turn, clock, steps } = scene("exits_1");
    for (let i = 0; i < 400; i++) {
      // Another life of the agent each time: nothing is told twice, nothing is left out.
      const keeper = await createEventKeeper({ folder, clock, log: silentLog });
      keeper.offer(turn());
      await keeper.close();
      steps();
    }
    const keeper = await createEventKeeper({ folder, clock, log: silentLog });
    const events = await told(keeper, "web");
    const falls = events.filter(({ kind }) => kind === "exited");
    assert.ok(falls.length >= 5, String(falls.length));
    assert.ok(falls.every(({ message }) => message.includes("code 1")));
    const starts = events.filter(({ kind }) => kind === "started");
    assert.ok(Math.abs(starts.length - falls.length) <= 1);
    assert.equal(events.filter(({ kind }) => kind === "crash_loop").length, 1);
    const order = events.map(({ kind }) => kind).filter((kind) =>
      kind === "exited" || kind === "crash_loop"
    );
    assert.equal(order.indexOf("crash_loop"), 3);
  });
});

Deno.test("what blocks is told when it begins and when it is over", async () => {
  await withFolder(async (folder) => {
    const { web, turn, clock } = scene("healthy");
    const keeper = await createEventKeeper({ folder, clock, log: silentLog });
    keeper.offer(turn([{
      facet: "containers",
      subject: web.id,
      kind: "blocked",
      reason: { code: "device_missing", message: "there is no /dev/x" },
      remedy: "plug it in",
    }]));
    keeper.offer(turn());
    const events = await told(keeper, "web");
    assert.deepEqual(
      events.filter(({ kind }) => kind.endsWith("blocked")).map((
        each,
      ) => [each.kind, each.message]),
      [["blocked", "there is no /dev/x; plug it in"], [
        "unblocked",
        "no longer: there is no /dev/x",
      ]],
    );
  });
});

Deno.test("a step that ended while the loop looked is not told as something that blocks", async () => {
  await withFolder(async (folder) => {
    const { web, turn, clock } = scene("healthy");
    const keeper = await createEventKeeper({ folder, clock, log: silentLog });
    const message = "it was done, but nothing of it is to be seen yet";
    const reason = { code: "no_effect", message };
    keeper.offer(turn([{ facet: "containers", subject: web.id, kind: "blocked", reason }]));
    keeper.offer(turn());
    assert.deepEqual((await told(keeper, "web")).map(({ kind }) => kind), ["wanted"]);
  });
});

Deno.test("who follows hears what comes, once, and ends with the signal", async () => {
  await withFolder(async (folder) => {
    const { turn, clock, steps } = scene("healthy");
    const keeper = await createEventKeeper({ folder, clock, log: silentLog });
    keeper.offer(turn());
    await keeper.close();
    const stop = new AbortController();
    const heard: string[] = [];
    const reading = (async () => {
      for await (const { kind } of keeper.read({ follow: true, service: "web" }, stop.signal)) {
        heard.push(kind);
        if (kind === "wanted") {
          steps();
          keeper.offer(turn());
        }
        if (kind === "named") stop.abort();
      }
    })();
    await reading;
    assert.deepEqual(heard, ["wanted", "created", "started", "healthy", "named"]);
  });
});

Deno.test("what the kernel says is told: limits that differ, and each time that it is worse", async () => {
  await withFolder(async (folder) => {
    const { web, turn, clock, steps } = scene("healthy");
    const keeper = await createEventKeeper({ folder, clock, log: silentLog });
    const limits = { memoryBytes: null, cpus: null, pids: 64, ulimits: [] };
    const resources = { memoryBytes: 64 << 20, pids: 64 };
    const offer = (refusedProcesses: number, memoryKills: number) => {
      const { world, ...rest } = turn();
      const { containers } = world.seen;
      const kernel = new Map([[web.id, { limits, refusedProcesses, memoryKills }]]);
      const sections = world.desired.containers.map((section) => ({
        ...section,
        deployments: section.deployments.map((each) => ({
          ...each,
          spec: { ...each.spec, resources },
        })),
      }));
      keeper.offer({
        ...rest,
        world: {
          ...world,
          desired: { ...world.desired, containers: sections },
          seen: { ...world.seen, containers: { ...containers, kernel } },
        },
      });
    };
    for (let i = 0; i < 5; i++) {
      keeper.offer(turn());
      steps();
    }
    const looks = [[0, 0], [1, 0], [7, 0], [70, 1], [90, 1], [800, 3], [801, 3]] as const;
    for (const [refused, kills] of looks) offer(refused, kills);
    const about = (await told(keeper, "web")).filter(({ kind }) =>
      kind === "limits_differ" || kind === "process_limit" || kind === "process_killed"
    );
    assert.deepEqual(about.map(({ kind, message }) => [kind, message]), [
      [
        "limits_differ",
        "the kernel does not have its limits as they are wished: memory 64 MiB (kernel: none)",
      ],
      ["process_limit", "it reached its limit of 64 processes: one more was refused"],
      ["process_limit", "it reached its limit of 64 processes: 70 more were refused"],
      ["process_killed", "the kernel killed a process of it: out of memory"],
      ["process_limit", "it reached its limit of 64 processes: 800 more were refused"],
      ["process_killed", "the kernel killed 2 processes of it: out of memory"],
    ]);
  });
});
