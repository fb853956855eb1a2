/** A clock that stands still until it is told otherwise. */
import type { Clock } from "../../shared/clock.ts";

export interface FakeClock extends Clock {
  advance(ms: number): void;
}

/** @param start milliseconds since 1970 */
export function createFakeClock(start = 1_800_000_000_000): FakeClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now - start,
    sleep: () => Promise.resolve(),
    advance(ms) {
      now += ms;
    },
  };
}
