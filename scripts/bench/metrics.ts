// deno-lint-ignore-file no-console
/**
 * What it costs to sample 10 and 200 containers every 10 s and to keep the figures: time of a pass
 * over the kernel's own files, time of a write, bytes a day, beside the same figures in SQLite.
 *
 * deno run -A scripts/bench/metrics.ts [--quick] [--json=FILE]
 */
import { DatabaseSync } from "node:sqlite";
import { type HostFiles, machineFiles } from "../../agent/loops/sampler/host_files.ts";
import { createSampler } from "../../agent/loops/sampler/sampler.ts";
import type { SampleTarget } from "../../agent/loops/sampler/targets.ts";
import { METRICS } from "../../agent/metrics/cells.ts";
import { rowsOf } from "../../agent/metrics/home_metrics.ts";
import { openMetricStore, TIERS } from "../../agent/metrics/store.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import type { LatestMetrics, MetricValues } from "../../shared/model/metrics.ts";
import { ProjectId } from "../../shared/model/ids.ts";
import { flag, type Machine, machineNow, median, table, writeResult } from "./figures.ts";

const STEP_MS = TIERS[0]?.stepMs ?? 10_000;
const DAY_MS = 86_400_000;
const START = 1_780_000_000_000;
const PROJECT = ProjectId.parse(`prj_${"a".repeat(26)}`);

interface Row {
  readonly containers: number;
  readonly passMs: number;
  readonly writeMs: number;
  /** Of a core, of passes and writes. */
  readonly cpuPercent: number;
  readonly bytesPerDay: number;
  readonly bytesPerPoint: number;
  readonly sqliteBytesPerPoint: number;
  readonly readHourMs: number;
}

interface MetricsResult {
  readonly name: "metrics";
  readonly before: Machine;
  readonly after: Machine;
  readonly rows: readonly Row[];
}

function targetsOf(count: number): SampleTarget[] {
  return Array.from({ length: count }, (_, index) => {
    const containerId = index.toString(16).padStart(64, "0");
    return {
      project: PROJECT,
      projectName: "bench",
      service: `service${index}`,
      slot: 1,
      containerId,
      pid: index + 1_000_000,
      identity: containerId,
      limits: { memoryBytes: null, cpus: null },
    };
  });
}

/** Containers that are not there have the files of this very process and of its group. */
function borrowedFiles(): HostFiles {
  const v2 = machineFiles.read("/sys/fs/cgroup/cgroup.controllers") !== null;
  return {
    ...machineFiles,
    link: (path) => path.startsWith("/proc/self") ? "net:[1]" : "net:[2]",
    read(path) {
      const [, pid, rest] = /^\/proc\/(\d+)\/(.*)$/.exec(path) ?? [];
      if (rest === "cgroup") {
        const id = (Number(pid) - 1_000_000).toString(16).padStart(64, "0");
        return v2 ? `0::/${id}\n` : `3:memory:/${id}\n2:cpuacct:/${id}\n1:blkio:/${id}\n`;
      }
      if (rest !== undefined) return machineFiles.read(`/proc/self/${rest}`);
      return machineFiles.read(path.replace(/\/[0-9a-f]{64}(?=\/)/, ""));
    },
  };
}

/** A day of a plant: most containers idle, a third of them at work. */
function figures(tick: number, index: number, random: () => number): MetricValues {
  const busy = index % 3 === 0;
  return {
    cpu: (busy ? 0.2 : 0.003) * (0.5 + random()),
    memory: 50e6 + (Math.floor(tick / 7) * 4096) % 9e6 + (busy ? random() * 1e6 : 0),
    network_rx: busy ? 1_000 * random() : index % 3 === 1 ? 0 : 60 * Math.round(random()),
    network_tx: busy ? 5_000 * random() : 0,
    disk_read: 0,
    disk_write: busy || random() < 0.1 ? Math.round(random() * 8) * 409.6 : 0,
    disk_used: index === 0 ? 5e9 + tick * 4096 : null,
  };
}

function latestOf(tick: number, targets: readonly SampleTarget[], random: () => number) {
  const bounds = { cpu: null, memory: null, disk_used: null };
  return {
    at: START + tick * STEP_MS,
    node: { values: figures(tick, 0, random), bounds },
    containers: targets.map((target, index) => ({
      ...target,
      values: figures(tick, index + 1, random),
      bounds,
    })),
  } satisfies LatestMetrics;
}

function createRandom(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}

/** The same figures of the finest tier alone, one row each. */
function sqliteBytes(folder: string, targets: readonly SampleTarget[], ticks: number): number {
  const path = `${folder}/peer.db`;
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec(
    "CREATE TABLE point (series INTEGER, cell INTEGER, value REAL, PRIMARY KEY (series, cell)) " +
      "WITHOUT ROWID",
  );
  const insert = database.prepare("INSERT INTO point (series, cell, value) VALUES (?, ?, ?)");
  const random = createRandom();
  let points = 0;
  for (let tick = 0; tick < ticks; tick++) {
    if (tick % 6 === 0) database.exec("BEGIN");
    const rows = [...rowsOf(latestOf(tick, targets, random)).values()];
    for (const [subject, { mean }] of rows.entries()) {
      for (const [metric, value] of mean.entries()) {
        if (Number.isNaN(value)) continue;
        insert.run(subject * METRICS + metric, START / STEP_MS + tick, value);
        points++;
      }
    }
    if (tick % 6 === 5) database.exec("COMMIT");
  }
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  return Deno.statSync(path).size / points;
}

async function measure(count: number, ticks: number): Promise<Row> {
  const targets = targetsOf(count);
  const sampler = createSampler({ files: borrowedFiles(), clock: systemClock, space: () => null });
  sampler.follow(targets);
  const series = sampler.series();
  await series.pass();
  const passes: number[] = [];
  for (let round = 0; round < 30; round++) {
    const began = performance.now();
    await series.pass();
    passes.push(performance.now() - began);
  }
  const folder = await Deno.makeTempDir({ prefix: "skerry-bench-metrics-" });
  try {
    const room = `${folder}/metrics`;
    const store = await openMetricStore({ folder: room, budgetBytes: 2 ** 31, log: silentLog });
    const random = createRandom();
    const writes: number[] = [];
    let points = 0;
    for (let tick = 0; tick < ticks; tick++) {
      const rows = rowsOf(latestOf(tick, targets, random));
      for (const { mean } of rows.values()) points += mean.filter((each) => each >= 0).length;
      const began = performance.now();
      store.add(START + tick * STEP_MS, rows);
      await store.flush();
      writes.push(performance.now() - began);
    }
    await store.close();
    const began = performance.now();
    const slotOf = (subject: string) => subject.includes("/service5/") ? "1" : null;
    const to = START + ticks * STEP_MS;
    await store.read({ slotOf, from: to - 3_600_000, to, points: 360 });
    const readHourMs = performance.now() - began;
    const perMinute = writes.reduce((sum, each) => sum + each, 0) / (ticks / 6);
    const passMs = median(passes);
    return {
      containers: count,
      passMs,
      writeMs: perMinute,
      cpuPercent: passMs / 100 + perMinute / 600,
      bytesPerDay: store.bytes() * DAY_MS / (ticks * STEP_MS),
      bytesPerPoint: store.bytes() / points,
      sqliteBytesPerPoint: sqliteBytes(folder, targets, Math.min(ticks, 1_080)),
      readHourMs,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const before = machineNow();
  const ticks = flag("quick") ? 1_080 : 8_640;
  const rows: Row[] = [];
  for (const count of [10, 200]) rows.push(await measure(count, ticks));
  const result: MetricsResult = { name: "metrics", before, after: machineNow(), rows };
  console.log(table(
    [
      "containers",
      "pass ms",
      "write ms/min",
      "CPU %",
      "MB/day",
      "B/point",
      "SQLite",
      "read 1 h ms",
    ],
    rows.map((row) => [
      String(row.containers),
      row.passMs.toFixed(1),
      row.writeMs.toFixed(1),
      row.cpuPercent.toFixed(2),
      (row.bytesPerDay / 1e6).toFixed(2),
      row.bytesPerPoint.toFixed(2),
      row.sqliteBytesPerPoint.toFixed(1),
      row.readHourMs.toFixed(0),
    ]),
  ));
  await writeResult(result);
}
