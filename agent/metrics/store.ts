/**
 * What was measured on this node, kept within a fixed number of bytes: every 10 s for a day or more,
 * every 2 min for weeks, every quarter of an hour for months. Why files of its own and no SQLite:
 * scripts/bench/README.md, "Metrics".
 *
 * A write a minute: the blocks of 10 s. The coarser tiers write seldom; what they had gathered when
 * the power went is gathered again from the finest one.
 */
import type { Log } from "../../shared/log.ts";
import { messageOf } from "../../shared/errors.ts";
import { METRICS, type Row } from "./cells.ts";
import { type Answer, type Asked, readSeries } from "./read.ts";
import { openRing } from "./ring.ts";
import { createTier, type Tier, type TierSpec } from "./tier.ts";

export const TIERS: readonly TierSpec[] = [
  { name: "10s", stepMs: 10_000, withPeaks: false, cells: 6, share: 3 / 8 },
  { name: "2m", stepMs: 120_000, withPeaks: true, cells: 5, share: 3 / 8 },
  { name: "15m", stepMs: 900_000, withPeaks: true, cells: 8, share: 2 / 8 },
];

export interface MetricStore {
  /** A moment's values of each subject. Writes nothing. */
  add(at: number, rows: ReadonlyMap<string, Row>): void;
  /** Writes what is due; where the disk is full it waits. */
  flush(): Promise<void>;
  read(asked: Asked): Promise<Answer>;
  /** On the disk. */
  bytes(): number;
  /** Writes the rest. */
  close(): Promise<void>;
}

export interface MetricStoreDeps {
  readonly folder: string;
  readonly budgetBytes: number;
  readonly log: Log;
  readonly tiers?: readonly TierSpec[];
}

/** What a coarser tier gathered and did not write is gathered again. */
async function regather(finest: Tier, tier: Tier): Promise<void> {
  const end = finest.ring.end();
  if (end === null) return;
  const { stepMs, cells } = tier.spec;
  const mostMs = (cells + 1) * stepMs;
  const endMs = end * finest.spec.stepMs;
  const fromMs = Math.max((tier.ring.end() ?? 0) * stepMs, endMs - mostMs);
  const found = new Map<number, Map<string, Row>>();
  await finest.ring.scan(Math.floor(fromMs / finest.spec.stepMs), end, {
    wants: () => true,
    value(subject, cell, metric, mean) {
      const rows = found.get(cell) ?? new Map<string, Row>();
      found.set(cell, rows);
      const row = rows.get(subject) ?? emptyRow();
      rows.set(subject, row);
      row.mean[metric] = mean;
      row.peak[metric] = mean;
    },
  });
  for (const [cell, rows] of [...found].sort(([a], [b]) => a - b)) {
    tier.add(cell * finest.spec.stepMs, rows);
  }
}

function emptyRow(): Row {
  const none = () => new Float64Array(METRICS).fill(Number.NaN);
  return { mean: none(), peak: none() };
}

export async function openMetricStore(deps: MetricStoreDeps): Promise<MetricStore> {
  const { folder, budgetBytes, log } = deps;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const tiers: Tier[] = [];
  for (const spec of deps.tiers ?? TIERS) {
    const { name, withPeaks, share } = spec;
    const totalBytes = Math.floor(budgetBytes * share);
    tiers.push(createTier(spec, await openRing(folder, { name, withPeaks, totalBytes })));
  }
  const [finest, ...coarser] = tiers;
  if (finest !== undefined) { for (const tier of coarser) await regather(finest, tier); }
  let failing = false;

  async function write(all: boolean): Promise<void> {
    try {
      for (const tier of tiers) await tier.flush(all && tier === finest);
      failing = false;
    } catch (thrown) {
      if (!failing) log.warn("metrics cannot be written", { reason: messageOf(thrown) });
      failing = true;
    }
  }

  return {
    add(at, rows) {
      for (const tier of tiers) tier.add(at, rows);
    },
    flush: () => write(false),
    read: (asked) => readSeries(tiers, asked),
    bytes: () => tiers.reduce((sum, { ring }) => sum + ring.bytes(), 0),
    close: () => write(true),
  };
}
