/** Waking those who wait for a subject to change. */
export interface Bell {
  ring(subject: string): void;
  /** Rings for all. */
  ringAll(): void;
  /**
   * Starts listening at once, so that a ring between a look and the wait is not lost. `wait`
   * resolves at the next ring since the last wait, after `timeoutMs`, or with the signal.
   */
  listen(subject: string): Listener;
}

export interface Listener {
  wait(timeoutMs: number, ...signals: readonly AbortSignal[]): Promise<"rung" | "timeout">;
  close(): void;
}

interface Ear {
  rung: boolean;
  wake: (() => void) | null;
}

/** A bell that nobody listens to yet. */
export function createBell(): Bell {
  const ears = new Map<string, Set<Ear>>();
  const ringSet = (set: Iterable<Ear>) => {
    for (const ear of set) {
      ear.rung = true;
      ear.wake?.();
    }
  };
  return {
    ring(subject) {
      ringSet(ears.get(subject) ?? []);
    },
    ringAll() {
      for (const set of ears.values()) ringSet(set);
    },
    listen(subject) {
      const ear: Ear = { rung: false, wake: null };
      const set = ears.get(subject) ?? new Set();
      ears.set(subject, set.add(ear));
      return {
        wait(timeoutMs, ...signals) {
          return new Promise((resolve) => {
            const finish = () => {
              clearTimeout(timer);
              for (const signal of signals) signal.removeEventListener("abort", finish);
              ear.wake = null;
              const { rung } = ear;
              ear.rung = false;
              resolve(rung ? "rung" : "timeout");
            };
            const timer = setTimeout(finish, timeoutMs);
            for (const signal of signals) signal.addEventListener("abort", finish);
            ear.wake = finish;
            if (ear.rung || signals.some((signal) => signal.aborted)) finish();
          });
        },
        close() {
          set.delete(ear);
          if (set.size === 0 && ears.get(subject) === set) ears.delete(subject);
          ear.wake?.();
        },
      };
    },
  };
}
