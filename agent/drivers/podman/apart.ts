/**
 * Keeps looks at all containers and removals apart. Podman's locks are files here: a look that
 * waits for the lock of a container which is being removed makes that file anew when it has gone,
 * and no call of Podman ever takes it away again. So each waits for those of the other kind that
 * came before it, but not for one that hangs: a file too many harms less than an agent that is blind.
 */
import type { Clock } from "../../../shared/clock.ts";

export interface Apart {
  look<T>(work: () => Promise<T>): Promise<T>;
  remove<T>(work: () => Promise<T>): Promise<T>;
}

/** How long one waits for the others. */
const PATIENCE_MS = 2_000;

export function createApart(clock: Pick<Clock, "sleep">, patienceMs = PATIENCE_MS): Apart {
  const looks = new Set<Promise<unknown>>();
  const removals = new Set<Promise<unknown>>();

  async function settled(others: readonly Promise<unknown>[]): Promise<void> {
    if (others.length === 0) return;
    const enough = new AbortController();
    await Promise.race([Promise.allSettled(others), clock.sleep(patienceMs, enough.signal)]);
    enough.abort();
  }

  async function among<T>(
    own: Set<Promise<unknown>>,
    others: ReadonlySet<Promise<unknown>>,
    work: () => Promise<T>,
  ): Promise<T> {
    const whole = settled([...others]).then(work);
    own.add(whole);
    try {
      return await whole;
    } finally {
      own.delete(whole);
    }
  }

  return {
    look: (work) => among(looks, removals, work),
    remove: (work) => among(removals, looks, work),
  };
}
