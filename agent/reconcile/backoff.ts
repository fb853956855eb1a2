/** Capped exponential back-off without chance: one box, so nothing to spread. Pure. */

/** Milliseconds to wait after the `failures`-th failure in a row (1 = the first). */
export function backoffMs(failures: number, baseMs = 1_000, capMs = 60_000): number {
  if (failures <= 0) return 0;
  return Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 20));
}
