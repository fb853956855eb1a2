/**
 * Containers that mean ill, or are broken, each beside a well-behaved neighbour whose answers are
 * counted: every one has to come, and the box has to be as before once the other is deleted.
 */
import { z } from "zod";
import { podmanPaths } from "../../agent/drivers/podman/service.ts";
import type { LabProcess } from "../e2e/lab/process.ts";
import { until } from "../e2e/lab/program.ts";
import { containersOf } from "../e2e/consistency.ts";
import { createHomeDisk } from "./disk.ts";
import { type Fault, type Findings, joined } from "./fault.ts";
import { BOX, createPlant, type Plant } from "./plant.ts";

const LOAD = new URL("../e2e/load.ts", import.meta.url).pathname;
const HOSTILE = "hostile";
const SECONDS = 20;
/** Podman's limit where the compose file has none. */
const PIDS = 2048;
const DISK_MEGABYTES = 1024;
/** What may be kept of one container's logs, ours and conmon's, by `scripts/faults`' own measure. */
const LOG_MEGABYTES = 400;
/** `skerry up` beside what prints without end. */
const MEMORY_MEGABYTES = 400;

interface Hostile {
  readonly row: string;
  readonly command: string;
  readonly more?: string;
  /** Until it is at work, where that takes its time. */
  begun?(plant: Plant): Promise<void>;
  /**
   * What must hold while it is at work.
   * @param seconds since it was applied
   */
  look(plant: Plant, up: LabProcess, seconds: number): Promise<readonly string[]>;
}

const HOSTILES: readonly Hostile[] = [
  {
    row: "forks without end",
    command: "b() { b | b & }; while :; do b; sleep 1; done",
    async look(plant) {
      const id = await containerId(plant);
      const pids = Number(await inCgroup(plant, id, "pids", "pids.current"));
      const max = Number(await inCgroup(plant, id, "pids", "pids.max"));
      return [
        ...(max > 0 && max <= PIDS ? [] : [`its limit is ${max} processes, not ${PIDS} at most`]),
        ...(pids <= PIDS ? [] : [`it has ${pids} processes`]),
      ];
    },
  },
  {
    row: "fills its disk",
    command: "dd if=/dev/zero of=/fill bs=1M; while :; do sleep 1; done",
    begun: (plant) => until("a full disk", async () => await usedPercent(plant) >= 99, 180_000),
    async look(plant) {
      const used = await usedPercent(plant);
      return used >= 99 ? [] : [`the disk is only ${used} % full`];
    },
  },
  {
    row: "prints as fast as it can",
    command: "yes 0123456789012345678901234567890123456789012345678901234567890123456789",
    async look({ box }, up) {
      const kilobytes = async (path: string) =>
        Number((await box.host.run(["du", "-sk", path])).stdout.split("\t")[0] ?? 0);
      const logs = await kilobytes(box.layout.logsDir) +
        await kilobytes(`${podmanPaths(box.layout).root}/overlay-containers`);
      const status = await Deno.readTextFile(`/proc/${up.pid}/status`);
      const memory = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
      return [
        ...(logs <= LOG_MEGABYTES * 1024 ? [] : [`its logs take ${logs} KiB of the disk`]),
        ...(memory <= MEMORY_MEGABYTES * 1024 ? [] : [`skerry up takes ${memory} KiB of memory`]),
      ];
    },
  },
  {
    row: "ignores SIGTERM",
    command: "trap '' TERM INT; while :; do sleep 1; done",
    more: "    stop_grace_period: 1s\n",
    look: () => Promise.resolve([]),
  },
  {
    row: "exits at once, again and again",
    command: "exit 3",
    begun: ({ box }) =>
      until("three ends", async () => {
        const views = await containersOf(box, HOSTILE);
        return views.reduce((all, view) => all + view.restarts, 0) >= 3;
      }, 60_000),
    async look({ box }, _up, seconds) {
      const views = await containersOf(box, HOSTILE);
      const said = views.map((view) => view.reason?.message ?? "").join();
      // At once, then after 1, 2, 4, 8 and 16 s.
      const restarts = views.reduce((all, view) => all + view.restarts, 0);
      return [
        ...(/crash loop/.test(said) ? [] : [`it is not called a crash loop: "${said}"`]),
        ...(restarts <= 2 + Math.log2(seconds + 1)
          ? []
          : [`it was started ${restarts} times in ${seconds.toFixed()} s`]),
      ];
    },
  },
];

async function usedPercent({ box }: Plant): Promise<number> {
  const text = await box.host.must(["df", "--output=pcent", box.layout.home]);
  return Number(text.split("\n")[1]?.replace("%", ""));
}

async function containerId({ box }: Plant): Promise<string> {
  const filter = "label=skerry.project.name=hostile";
  return (await box.podman.must(["ps", "--quiet", "--no-trunc", "--filter", filter])).trim();
}

/** A file of a container's cgroup, of either hierarchy. */
async function inCgroup(plant: Plant, id: string, controller: string, file: string) {
  const { box } = plant;
  const path = (await box.podman.must(["inspect", "--format", "{{.State.CgroupPath}}", id])).trim();
  for (const root of [`/sys/fs/cgroup/${controller}`, "/sys/fs/cgroup"]) {
    const text = await Deno.readTextFile(`${root}${path}/${file}`).catch(() => null);
    if (text !== null) return text.trim();
  }
  return "";
}

const Load = z.looseObject({
  sent: z.number(),
  bodies: z.record(z.string(), z.number()),
  failed: z.number(),
  failures: z.array(z.string()),
});

/** Asks the neighbour for some time; what did not come is found wrong. */
async function neighbourServes(plant: Plant): Promise<readonly string[]> {
  const laptop = plant.lab.host("laptop");
  const argv = ["deno", "run", "-A", "--quiet", LOAD];
  const text = await laptop.must(
    [...argv, `http://${BOX}/`, "shop.test", String(SECONDS), "no"],
    { timeoutMs: 120_000 },
  );
  const { sent, failed, failures } = Load.parse(JSON.parse(text));
  if (failed > 0) {
    return [`the neighbour failed ${failed} of ${sent} times: ${failures.join("; ")}`];
  }
  return sent > 0 ? [] : ["the neighbour was not asked"];
}

async function beside(plant: Plant, up: LabProcess, hostile: Hostile): Promise<Findings> {
  const { box } = plant;
  const wrong: string[] = [];
  const folder = await box.project(
    HOSTILE,
    `services:
  ill:
    image: localhost/web:0
    init: true
    command: ["sh", "-c", ${JSON.stringify(hostile.command.replaceAll("$", "$$"))}]
    cpus: 0.5
${hostile.more ?? ""}`,
  );
  const began = performance.now();
  const applied = await box.run(["apply"], { cwd: folder });
  if (applied.code !== 0) wrong.push(`it could not be applied: ${applied.stderr}`);
  await until("its container", async () => (await containersOf(box, HOSTILE)).length > 0, 60_000);
  await hostile.begun?.(plant);
  wrong.push(...await neighbourServes(plant));
  wrong.push(...await hostile.look(plant, up, (performance.now() - began) / 1000));
  const line = await plant.writeLine();
  // Where the disk is full it cannot be written, but it must not be acknowledged either.
  if (line.code !== 0 && hostile.row !== "fills its disk") {
    wrong.push(`no line could be written: ${line.stderr.trim()}`);
  }
  const deleted = await box.run(["delete", "-p", HOSTILE, "--wait"]);
  if (deleted.code !== 0) wrong.push(`it could not be deleted: ${deleted.stderr.trim()}`);
  return joined({ lost: [], wrong }, await plant.check());
}

export const hostileFault: Fault = {
  name: "hostile",
  about: "a container that means ill, beside a neighbour whose answers are counted",
  runs: 2,
  async run(trial) {
    const plant = await createPlant({
      before: async ({ host, layout }) => {
        await createHomeDisk(host, layout.home, DISK_MEGABYTES);
      },
    });
    try {
      const up = await plant.box.start();
      await plant.prepare();
      await plant.check();
      for (const hostile of HOSTILES) {
        for (let number = 1; number <= trial.runs; number += 1) {
          const work = () => beside(plant, up, hostile);
          await trial.one(`a container that ${hostile.row}`, `run ${number}`, work, plant.box.text);
        }
      }
    } finally {
      await plant.close();
    }
  },
};
