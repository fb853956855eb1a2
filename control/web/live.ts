/**
 * Pages that show what changes while they are open. A page holds one stream of server-sent events,
 * which says that its main part is another one now; the page then fetches that, compressed. Viewers
 * with equal rights at one address share one rendering.
 */
import { sha256 } from "../../shared/model/hash.ts";
import type { Caller } from "../authz/caller.ts";
import type { Bell } from "../bell.ts";
import { rightsKey, viewerOf } from "./viewer.ts";

/** Changes that come close together are one. */
const GATHER_MS = 250;
/** Without a change: what time alone changes is seen, and the link is known to be alive. */
const BEAT_MS = 20_000;

/** The main part of a page. */
export interface Rendered {
  readonly html: string;
  readonly status: number;
  readonly hash: string;
}

/** Of the text of a main part; stands in the page, so that nothing is fetched that is there already. */
export function hashOf(html: string): string {
  return sha256(html).slice(0, 16);
}

export interface LiveDeps {
  readonly stateBell: Bell;
  readonly closing: AbortSignal;
  /** Must not reject: a failure is a page too. */
  readonly render: (address: string, caller: Caller) => Promise<Rendered>;
  /** Where a page's reader goes to log in again. */
  readonly loginAddress: (address: string) => string;
  /** How often pages are rendered, for tests. */
  readonly gatherMs?: number;
}

export interface Live {
  /** A stream of `changed` with the hash of the main part, `go` with an address, and `beat`. */
  follow(asked: {
    readonly address: string;
    readonly caller: Caller;
    /** Who it is now: a session may have ended. */
    readonly identify: () => Promise<Caller>;
    /** What the reader has. */
    readonly have: string;
  }): Response;
  /** The main part as it is now, from a rendering that is shared where there is one. */
  current(address: string, caller: Caller): Promise<Rendered>;
  /** Open streams and renderings that are kept. */
  readonly counts: { readonly viewers: number; readonly groups: number };
}

interface LiveViewer {
  has: string;
  readonly identify: () => Promise<Caller>;
  readonly send: (event: string, data: string) => void;
  readonly end: () => void;
}

interface Group {
  readonly address: string;
  readonly key: string;
  readonly caller: Caller;
  readonly viewers: Set<LiveViewer>;
  rendered: Rendered | null;
  /** Something changed since it was rendered. */
  stale: boolean;
  rendering: Promise<Rendered> | null;
  readonly over: AbortController;
}

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

/** Nobody looks yet. */
export function createLive(deps: LiveDeps): Live {
  const { stateBell, closing } = deps;
  const groups = new Map<string, Group>();
  const encoder = new TextEncoder();

  const keyOf = (address: string, caller: Caller) => `${rightsKey(caller)}\n${address}`;

  async function fresh(group: Group): Promise<Rendered> {
    if (!group.stale && group.rendered !== null) return group.rendered;
    if (group.rendering === null) {
      group.stale = false;
      group.rendering = deps.render(group.address, group.caller)
        .then((made) => group.rendered = made).finally(() => group.rendering = null);
    }
    return await group.rendering;
  }

  /** Whoever may not see the page any more is led to the login. */
  async function tell(group: Group, viewer: LiveViewer, hash: string): Promise<void> {
    const caller = await viewer.identify().catch(() => null);
    if (
      caller === null || viewerOf(caller) === null || rightsKey(caller) !== rightsKey(group.caller)
    ) {
      // Other rights are another page: it is loaded again, and the server decides then.
      const there = caller !== null && viewerOf(caller) !== null;
      viewer.send("go", there ? group.address : deps.loginAddress(group.address));
      viewer.end();
      return;
    }
    if (viewer.has !== hash) {
      viewer.has = hash;
      viewer.send("changed", hash);
    } else viewer.send("beat", "");
  }

  async function run(group: Group): Promise<void> {
    const listener = stateBell.listen("state");
    const { signal } = group.over;
    const ended = () => closing.aborted || signal.aborted;
    try {
      while (!ended()) {
        const { hash } = await fresh(group);
        for (const viewer of [...group.viewers]) {
          if (ended()) return;
          if (viewer.has !== hash) await tell(group, viewer, hash);
        }
        const why = await listener.wait(BEAT_MS, closing, signal);
        if (ended()) return;
        group.stale = true;
        if (why === "rung") {
          await new Promise((resolve) => setTimeout(resolve, deps.gatherMs ?? GATHER_MS));
          continue;
        }
        const now = await fresh(group);
        for (const viewer of [...group.viewers]) {
          if (ended()) return;
          await tell(group, viewer, now.hash);
        }
      }
    } finally {
      listener.close();
      // Another may have begun meanwhile at the same address.
      if (groups.get(group.key) === group) groups.delete(group.key);
      for (const viewer of [...group.viewers]) viewer.end();
    }
  }

  function groupOf(address: string, caller: Caller): Group {
    const key = keyOf(address, caller);
    const known = groups.get(key);
    if (known !== undefined && !known.over.signal.aborted) return known;
    const group: Group = {
      address,
      key,
      caller,
      viewers: new Set(),
      rendered: null,
      stale: true,
      rendering: null,
      over: new AbortController(),
    };
    groups.set(key, group);
    return group;
  }

  function follow({ address, caller, identify, have }: Parameters<Live["follow"]>[0]): Response {
    const group = groupOf(address, caller);
    const first = group.viewers.size === 0;
    let viewer: LiveViewer | null = null;
    const leave = () => {
      if (viewer !== null) group.viewers.delete(viewer);
      if (group.viewers.size === 0) group.over.abort();
    };
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const joined: LiveViewer = {
          has: have,
          identify,
          send(event, data) {
            // A reader that takes nothing has its last word waiting: that is enough to come back.
            if ((controller.desiredSize ?? 0) <= 0) return;
            controller.enqueue(encoder.encode(`event: ${event}\ndata: ${data}\n\n`));
          },
          end() {
            if (!group.viewers.delete(joined)) return;
            controller.close();
            leave();
          },
        };
        viewer = joined;
        group.viewers.add(joined);
        joined.send("beat", "");
        if (first) run(group).catch(() => undefined);
        else if (group.rendered !== null && group.rendered.hash !== have) {
          tell(group, joined, group.rendered.hash).catch(leave);
        }
      },
      cancel: leave,
    }, { highWaterMark: 8 });
    return new Response(body, { headers: HEADERS });
  }

  return {
    follow,
    async current(address, caller) {
      const group = groups.get(keyOf(address, caller));
      return group === undefined ? await deps.render(address, caller) : await fresh(group);
    },
    get counts() {
      const viewers = [...groups.values()].reduce((sum, { viewers }) => sum + viewers.size, 0);
      return { viewers, groups: groups.size };
    },
  };
}
