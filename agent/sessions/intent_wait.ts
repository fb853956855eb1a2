/** Waiting until the node has taken over what a person has just said. */

export interface IntentWait {
  reached(revision: number): void;
  /** Rejects when the signal aborts. */
  when(revision: number, signal: AbortSignal): Promise<void>;
}

export function createIntentWait(): IntentWait {
  let held = -1;
  const waiting = new Set<{ readonly revision: number; done(): void }>();
  return {
    reached(revision) {
      // A control plane that lost its database begins anew, and lower.
      held = revision;
      for (const each of waiting) if (each.revision <= revision) each.done();
    },
    when(revision, signal) {
      if (held >= revision) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const end = () => {
          waiting.delete(each);
          signal.removeEventListener("abort", onAbort);
        };
        const each = {
          revision,
          done() {
            end();
            resolve();
          },
        };
        const onAbort = () => {
          end();
          reject(signal.reason);
        };
        if (signal.aborted) return reject(signal.reason);
        waiting.add(each);
        signal.addEventListener("abort", onAbort);
      });
    },
  };
}
