/**
 * Keeps looks at all containers and removals apart. Podman's locks are files here: a look that
 * waits for the lock of a container which is being removed makes that file anew when it has gone,
 * and no call of Podman ever takes it away again. So each waits for those of the other kind that
 * came before it. Nobody waits for ever: not long in all, and not at all for one that has been at
 * work for as long, as a removal that hangs; a file too many harms less than an agent that is blind.
 */
import type { Clock } from "../../../shared/clock.ts";

export interface Apart {
  look<T>(work: () => Promise<T>): Promise<T>;
  remove<T>(work: () => Promise<T>): Promise<T>;
}

/** How long one waits for the others, and how long one at work is waited for. */
const PATIENCE_MS = 2_000;

export function createApart(clock: Pick<Clock, "sleep">, patienceMs = PATIENCE_MS): Apart {
  const looks = new Set<Promise<unknown>>();
  const removals = new Set<Promise<unknown>>();

  /** Until that has ended, well or not, or patience has. */
  async function patiently(what: Promise<unknown>): Promise<void> {
    const enough = new AbortController();
    const ended = what.then(() => {}, () => {});
    await Promise.race([ended, clock.sleep(patienceMs, enough.signal)]);
    enough.abort();
  }

  async function among<T>(
    own: Set<Promise<unknown>>,
    others: ReadonlySet<Promise<unknown>>,
    work: () => Promise<T>,
  ): Promise<T> {
    const mayBegin = others.size === 0 ? Promise.resolve() : patiently(Promise.all([...others]));
    const done = mayBegin.then(work);
    const counts = mayBegin.then(() => patiently(done)).finally(() => own.delete(counts));
    own.add(counts);
    return await done;
  }

  return {
    look: (work) => among(looks, removals, work),
    remove: (work) => among(removals, looks, work),
  };
}
