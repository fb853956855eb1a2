/** The time and the passing of it, as a thing that is handed in. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or at once with the signal's abort. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * A clock that starts at the time of `clock` (or at `startMs`) and then goes at the pace of one that
 * never jumps: durations that are counted on it hold, however the machine's clock is set meanwhile.
 */
export function createSteadyClock(clock: Clock, startMs: number = clock.now()): Clock {
  const offset = startMs - clock.monotonic();
  return {
    now: () => Math.round(offset + clock.monotonic()),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      signal?.addEventListener("abort", done);
    });
  },
};
