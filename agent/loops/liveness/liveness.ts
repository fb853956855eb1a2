/**
 * Notices within a second that a container's process is gone, by its pid and start time in /proc.
 * It costs a file read each, where Podman's event stream would keep its service polling.
 */
import type { Clock } from "../../../shared/clock.ts";

const EVERY_MS = 1_000;

export interface Liveness {
  /** Pids that are believed to live. */
  configure(pids: readonly number[]): void;
  close(): Promise<void>;
}

export function createLiveness(
  deps: { readonly clock: Clock; isAlive(pid: number): boolean; onDeath(): void },
): Liveness {
  const stop = new AbortController();
  let pids: readonly number[] = [];
  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await deps.clock.sleep(EVERY_MS, stop.signal);
      const looked = pids;
      const alive = looked.filter((pid) => deps.isAlive(pid));
      if (alive.length < looked.length) {
        pids = alive;
        deps.onDeath();
      }
    }
  }
  const done = run();
  return {
    configure(next) {
      pids = next;
    },
    async close() {
      stop.abort();
      await done;
    },
  };
}
