/** A clock that stands still until it is told otherwise. */
import type { Clock } from "../../shared/clock.ts";

export interface FakeClock extends Clock {
  advance(ms: number): void;
  /** How many sleep on it. */
  sleepers(): number;
}

/** @param start milliseconds since 1970 */
export function createFakeClock(start = 1_800_000_000_000): FakeClock {
  let now = start;
  const sleeping = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    monotonic: () => now - start,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const entry = { until: now + ms, wake: () => end() };
        const end = () => {
          sleeping.delete(entry);
          signal?.removeEventListener("abort", end);
          resolve();
        };
        if (ms <= 0 || signal?.aborted === true) return resolve();
        sleeping.add(entry);
        signal?.addEventListener("abort", end);
      }),
    advance(ms) {
      now += ms;
      for (const entry of [...sleeping]) if (entry.until <= now) entry.wake();
    },
    sleepers: () => sleeping.size,
  };
}
