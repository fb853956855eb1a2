/** From tiers to the series of an answer: each point from the finest tier that has it. */
import {
  METRIC_NAMES,
  METRIC_UNITS,
  type MetricSeries,
  MOST_POINTS,
} from "../../shared/model/metrics.ts";
import type { Tier } from "./tier.ts";

export interface Asked {
  /** The slot that a subject stands for in the answer; null: it is not asked for. */
  slotOf(subject: string): string | null;
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

export interface Answer {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly series: readonly MetricSeries[];
}

/** A slot's figures are this many at most: who has more looks at the services themselves. */
const MOST_SLOTS = 100;

/** The points of an answer, and the coarsest tier that is fine enough for them. Pure. */
export function gridOf(
  { from, to, points }: Pick<Asked, "from" | "to" | "points">,
  stepsMs: readonly number[],
): {
  readonly from: number;
  readonly stepMs: number;
  readonly count: number;
  readonly tier: number;
} {
  const wanted = Math.max(1, Math.min(MOST_POINTS, Math.floor(points)));
  const spanMs = Math.max(1, to - from);
  const ideal = spanMs / wanted;
  let tier = 0;
  for (const [index, stepMs] of stepsMs.entries()) if (stepMs <= ideal) tier = index;
  const unit = stepsMs[tier] ?? 1;
  let stepMs = Math.ceil(ideal / unit) * unit;
  // Beginning at a whole step may take one point more.
  while (Math.ceil(to / stepMs) - Math.floor(from / stepMs) > wanted && wanted > 1) stepMs += unit;
  const begin = Math.floor(from / stepMs);
  const count = Math.min(wanted, Math.max(1, Math.ceil(to / stepMs) - begin));
  return { from: begin * stepMs, stepMs, count, tier };
}

interface Bins {
  readonly sum: Float64Array;
  readonly count: Float64Array;
  readonly peak: Float64Array;
}

export async function readSeries(tiers: readonly Tier[], asked: Asked): Promise<Answer> {
  const grid = gridOf(asked, tiers.map(({ spec }) => spec.stepMs));
  const { from, stepMs, count } = grid;
  const to = from + count * stepMs;
  const slots = new Map<string, Bins[]>();

  function binsOf(slot: string, metric: number): Bins | undefined {
    let all = slots.get(slot);
    if (all === undefined) {
      if (slots.size >= MOST_SLOTS) return undefined;
      slots.set(slot, all = []);
    }
    return all[metric] ??= {
      sum: new Float64Array(count),
      count: new Float64Array(count),
      peak: new Float64Array(count),
    };
  }

  /** Points before it are in no finer tier. */
  let end = to;
  for (const tier of tiers.slice(grid.tier)) {
    const cellMs = tier.spec.stepMs;
    const before = end;
    await tier.scan(Math.floor(from / cellMs), Math.ceil(before / cellMs), {
      wants: (subject) => asked.slotOf(subject) !== null,
      value(subject, cell, metric, mean, peak) {
        const slot = asked.slotOf(subject);
        const bins = slot === null ? undefined : binsOf(slot, metric);
        if (bins === undefined) return;
        const first = Math.max(0, Math.floor((cell * cellMs - from) / stepMs));
        const last = Math.min(count, Math.ceil(((cell + 1) * cellMs - from) / stepMs));
        for (let bin = first; bin < last && from + bin * stepMs < before; bin++) {
          bins.sum[bin] = (bins.sum[bin] ?? 0) + mean;
          bins.peak[bin] = Math.max(bins.count[bin] === 0 ? peak : bins.peak[bin] ?? peak, peak);
          bins.count[bin] = (bins.count[bin] ?? 0) + 1;
        }
      },
    });
    const oldest = tier.oldest();
    if (oldest !== null) end = Math.min(end, Math.max(from, oldest * cellMs));
    if (end <= from) break;
  }

  const coarse = stepMs > (tiers[0]?.spec.stepMs ?? 0);
  const series = [...slots].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .flatMap(([slot, metrics]) =>
      METRIC_NAMES.flatMap((name, metric): MetricSeries[] => {
        const bins = metrics[metric];
        if (bins === undefined) return [];
        const pointsOf = (value: (bin: number) => number) =>
          Array.from(bins.count, (known, bin) => known === 0 ? null : rounded(value(bin)));
        return [{
          name,
          unit: METRIC_UNITS[name],
          labels: slot === "" ? {} : { slot },
          points: pointsOf((bin) => (bins.sum[bin] ?? 0) / (bins.count[bin] ?? 1)),
          ...(coarse ? { peaks: pointsOf((bin) => bins.peak[bin] ?? 0) } : {}),
        }];
      })
    );
  return { from, to, stepMs, series };
}

/** Five digits: more were not kept. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
