/**
 * Values as they stand on disk: 16 bits on a logarithmic scale, off by 0.03 % at most. Nought is
 * nought, and small numbers are kept to a fraction of their unit. Pure.
 */
import { METRIC_NAMES, METRIC_UNITS, type MetricUnit } from "../../shared/model/metrics.ts";

/** The least that is told apart from nought. */
const UNITS: Readonly<Record<MetricUnit, number>> = {
  cores: 1 / 100_000,
  bytes: 1,
  bytes_per_second: 1 / 100,
};

/** Codes for a rise by a factor of e: the largest code is some 2^51 units. */
const SCALE = 1_850;
export const LARGEST_CODE = 65_534;

/** How much a value that was kept may differ from what was measured, as a part of it. */
export const PRECISION = 0.0003;

const unitOf = (metric: number): number => UNITS[METRIC_UNITS[METRIC_NAMES[metric] ?? "memory"]];

/** Nought where the value is less than nought or none. */
export function encodeValue(metric: number, value: number): number {
  const units = value / unitOf(metric);
  if (!(units > 0)) return 0;
  return Math.min(LARGEST_CODE, Math.round(SCALE * Math.log1p(units)));
}

export function decodeValue(metric: number, code: number): number {
  return unitOf(metric) * Math.expm1(code / SCALE);
}
