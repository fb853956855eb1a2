/** A clock for tests that moves only when told. */
import type { Clock } from "../../../shared/clock.ts";

export interface ManualClock extends Clock {
  /** Moves both clocks on and wakes those who slept until then, in their order. */
  advance(ms: number): void;
}

/** @param startMs milliseconds since 1970 */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let passedMs = 0;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => startMs + passedMs,
    monotonic: () => passedMs,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = { at: passedMs + ms, wake: () => resolve() };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          resolve();
        }, { once: true });
      });
    },
    advance(ms) {
      passedMs += ms;
      const due = sleepers.filter((s) => s.at <= passedMs).sort((a, b) => a.at - b.at);
      sleepers = sleepers.filter((s) => s.at > passedMs);
      for (const sleeper of due) sleeper.wake();
    },
  };
}
