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
  deps: { readonly clock: Clock; isAlive(pid: number): Promise<boolean>; onDeath(): void },
): Liveness {
  const stop = new AbortController();
  let pids: readonly number[] = [];
  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await deps.clock.sleep(EVERY_MS, stop.signal);
      const looked = pids;
      const alive = await Promise.all(looked.map((pid) => deps.isAlive(pid)));
      if (pids === looked && alive.includes(false)) {
        pids = looked.filter((_, index) => alive[index]);
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

/** Is a process there and not a zombie? By /proc/PID/stat (proc(5), field 3). */
export async function isProcessAlive(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}
