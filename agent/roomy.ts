/**
 * What the agent must be able to write on a full disk: each write that finds no space is tried once
 * more with a slice of the ballast given back.
 */
import type { JobStore } from "./jobs/store.ts";
import type { DiskLoop } from "./loops/disk/loop.ts";
import type { MemoryStore } from "./reconcile/loop.ts";
import type { RequestCounter } from "./sync/counter.ts";
import type { LastGoodStore } from "./sync/last_good.ts";

type Room = Pick<DiskLoop, "guarded">;

/** What is remembered of deployments. */
export function roomyMemory(store: MemoryStore, room: Room): MemoryStore {
  return {
    load: () => store.load(),
    save: (memory) => room.guarded(() => store.save(memory)),
  };
}

/** Which jobs ran: on a full disk too none is run twice. */
export function roomyJobs(store: JobStore, room: Room): JobStore {
  return {
    load: () => store.load(),
    save: (book) => room.guarded(() => store.save(book)),
  };
}

/** The counter of signed requests: without it no report is sent and nothing is asked for. */
export function roomyCounter(counter: RequestCounter, room: Room): RequestCounter {
  return {
    next: () => room.guarded(() => counter.next()),
    skip: () => room.guarded(() => counter.skip()),
  };
}

/** The last-good intent. */
export function roomyLastGood(store: LastGoodStore, room: Room): LastGoodStore {
  return {
    load: () => store.load(),
    open: (signed) => store.open(signed),
    save: (signed) => room.guarded(() => store.save(signed)),
  };
}
