/** Whether a series of samples grows: a straight line through its second half, by least squares. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Trend {
  /** What the line gains over 1,000 of x. */
  readonly growth: number;
  /** Standard error of `growth`. */
  readonly error: number;
  /** Middle of the line: what the growth is to be measured against. */
  readonly level: number;
  readonly verdict: "steady" | "grows" | "shrinks";
}

const PER = 1_000;
/** So many standard errors away from nothing, and it is no accident of the samples. */
const SURE = 3;
/** What is less than this part of the level within 1,000 is called steady, however sure it is. */
const SLIGHT = 0.02;

/** The trend of the second half: what a program needs to warm up is not counted. */
export function trendOf(points: readonly Point[]): Trend {
  const half = points.slice(Math.floor(points.length / 2));
  const n = half.length;
  const meanX = half.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = half.reduce((sum, { y }) => sum + y, 0) / n;
  const spread = half.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (n < 3 || spread === 0) {
    return { growth: 0, error: 0, level: n === 0 ? 0 : meanY, verdict: "steady" };
  }
  const slope = half.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const rest = half.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(rest / (n - 2) / spread) * PER;
  const growth = slope * PER;
  const isSure = Math.abs(growth) > SURE * error;
  const isSlight = Math.abs(growth) <= SLIGHT * Math.abs(meanY);
  const verdict = !isSure || isSlight ? "steady" : growth > 0 ? "grows" : "shrinks";
  return { growth, error, level: meanY, verdict };
}
