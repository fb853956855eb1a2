/**
 * What is kept of a step of time: for each subject the mean, and the peak, of every metric. A cell
 * is the number of steps since 1970.
 */
import { METRIC_NAMES, type MetricValues } from "../../shared/model/metrics.ts";

export const METRICS = METRIC_NAMES.length;

/** One cell of one subject: NaN where nothing was measured. */
export interface Row {
  readonly mean: Float64Array;
  readonly peak: Float64Array;
}

/** A cell with all its subjects. */
export interface Cell {
  readonly cell: number;
  readonly rows: ReadonlyMap<string, Row>;
}

/** Sums up what falls into one cell. */
export interface Gathering {
  add(subject: string, mean: Float64Array, peak: Float64Array): void;
  rows(): ReadonlyMap<string, Row>;
}

export function createGathering(): Gathering {
  const sums = new Map<string, { sum: Float64Array; peak: Float64Array; count: Float64Array }>();
  return {
    add(subject, mean, peak) {
      let into = sums.get(subject);
      if (into === undefined) {
        into = {
          sum: new Float64Array(METRICS),
          peak: new Float64Array(METRICS).fill(Number.NaN),
          count: new Float64Array(METRICS),
        };
        sums.set(subject, into);
      }
      for (let metric = 0; metric < METRICS; metric++) {
        const value = mean[metric] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        into.sum[metric] = (into.sum[metric] ?? 0) + value;
        into.count[metric] = (into.count[metric] ?? 0) + 1;
        const highest = into.peak[metric] ?? Number.NaN;
        const now = peak[metric] ?? value;
        into.peak[metric] = Number.isNaN(highest) ? now : Math.max(highest, now);
      }
    },
    rows() {
      const rows = new Map<string, Row>();
      for (const [subject, { sum, peak, count }] of sums) {
        rows.set(subject, { mean: sum.map((each, metric) => each / (count[metric] ?? 0)), peak });
      }
      return rows;
    },
  };
}

/** Values in the order of METRIC_NAMES; NaN where there is none. */
export function columnsOf(values: MetricValues): Float64Array {
  return Float64Array.from(METRIC_NAMES, (name) => values[name] ?? Number.NaN);
}
