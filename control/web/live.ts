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

/** What one rendering is of. */
export interface LivePage {
  readonly address: string;
  readonly caller: Caller;
  /** By which the reader found the box: part of what a page shows. */
  readonly host: string;
}

export interface LiveDeps {
  readonly stateBell: Bell;
  readonly closing: AbortSignal;
  /** Must not reject: a failure is a page too. */
  readonly render: (asked: LivePage) => Promise<Rendered>;
  /** Where a page's reader goes to log in again. */
  readonly loginAddress: (address: string) => string;
  /** Aborts when the caller's login or rights change; null: they never do. */
  readonly rightsEnd: (caller: Caller) => AbortSignal | null;
  /** How often pages are rendered, for tests. */
  readonly gatherMs?: number;
  readonly beatMs?: number;
}

export interface Live {
  /** A stream of `changed` with the hash of the main part, `go` with an address, and `beat`. */
  follow(
    asked: LivePage & {
      /** Who it is now: a session may have ended. */
      readonly identify: () => Promise<Caller>;
      /** What the reader has. */
      readonly have: string;
    },
  ): Response;
  /** The main part as it is now, from a rendering that is shared where there is one. */
  current(page: LivePage): Promise<Rendered>;
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
  readonly page: LivePage;
  readonly key: string;
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

/** Over sooner with a signal. */
function pause(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    for (const signal of signals) signal.addEventListener("abort", done);
    if (signals.some(({ aborted }) => aborted)) done();
  });
}

/** Nobody looks yet. */
export function createLive(deps: LiveDeps): Live {
  const { stateBell, closing } = deps;
  const groups = new Map<string, Group>();
  const encoder = new TextEncoder();

  const keyOf = ({ address, caller, host }: LivePage) =>
    `${rightsKey(caller)}\n${host}\n${address}`;

  async function fresh(group: Group): Promise<Rendered> {
    if (!group.stale && group.rendered !== null) return group.rendered;
    if (group.rendering === null) {
      group.stale = false;
      group.rendering = deps.render(group.page)
        .then((made) => group.rendered = made).finally(() => group.rendering = null);
    }
    return await group.rendering;
  }

  /** Whoever may not see the page any more is led to the login. */
  async function tell(group: Group, viewer: LiveViewer, hash: string): Promise<void> {
    const caller = await viewer.identify().catch(() => null);
    // It comes back, and is told by a request of its own what is wrong.
    if (caller === null) return viewer.end();
    const isKnown = viewerOf(caller) !== null;
    if (!isKnown || rightsKey(caller) !== rightsKey(group.page.caller)) {
      // Other rights are another page: it is loaded again, and the server decides then.
      const { address } = group.page;
      viewer.send("go", isKnown ? address : deps.loginAddress(address));
      return viewer.end();
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
    const beatMs = deps.beatMs ?? BEAT_MS;
    let beatAt = performance.now();
    let isDue = false;
    try {
      while (!ended()) {
        const { hash } = await fresh(group);
        if (isDue) beatAt = performance.now();
        for (const viewer of [...group.viewers]) {
          if (ended()) return;
          if (isDue || viewer.has !== hash) await tell(group, viewer, hash);
        }
        // Counted from the last beat: changes that this page does not show must not hold it up.
        const leftMs = Math.max(0, beatAt + beatMs - performance.now());
        const why = await listener.wait(leftMs, closing, signal);
        if (ended()) return;
        group.stale = true;
        isDue = why === "timeout" || performance.now() - beatAt >= beatMs;
        if (isDue) continue;
        await pause(deps.gatherMs ?? GATHER_MS, closing, signal);
      }
    } finally {
      listener.close();
      // Another may have begun meanwhile at the same address.
      if (groups.get(group.key) === group) groups.delete(group.key);
      for (const viewer of [...group.viewers]) viewer.end();
    }
  }

  function groupOf(page: LivePage): Group {
    const key = keyOf(page);
    const known = groups.get(key);
    if (known !== undefined && !known.over.signal.aborted) return known;
    const group: Group = {
      page,
      key,
      viewers: new Set(),
      rendered: null,
      stale: true,
      rendering: null,
      over: new AbortController(),
    };
    groups.set(key, group);
    return group;
  }

  function follow({ identify, have, ...page }: Parameters<Live["follow"]>[0]): Response {
    const group = groupOf(page);
    const first = group.viewers.size === 0;
    let viewer: LiveViewer | null = null;
    let rights: AbortSignal | null = null;
    const leave = () => {
      rights?.removeEventListener("abort", changed);
      if (viewer !== null) group.viewers.delete(viewer);
      if (group.viewers.size === 0) group.over.abort();
    };
    const hold = () => {
      rights = deps.rightsEnd(page.caller);
      rights?.addEventListener("abort", changed, { once: true });
    };
    /** Told at once who may look on: not only when the page would be another one. */
    const changed = async () => {
      // What changes rights is a transaction, which is over then.
      await Promise.resolve();
      if (closing.aborted || viewer === null || !group.viewers.has(viewer)) return;
      hold();
      await tell(group, viewer, group.rendered?.hash ?? viewer.has);
    };
    // The newest change that a reader who takes nothing has not been told of.
    let waiting: string | null = null;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const joined: LiveViewer = {
          has: have,
          identify,
          send(event, data) {
            const text = `event: ${event}\ndata: ${data}\n\n`;
            // Where to go is the last word.
            const isRoom = waiting === null && (controller.desiredSize ?? 0) > 0;
            if (isRoom || event === "go") controller.enqueue(encoder.encode(text));
            else if (event === "changed") waiting = text;
          },
          end() {
            if (!group.viewers.delete(joined)) return;
            controller.close();
            leave();
          },
        };
        viewer = joined;
        group.viewers.add(joined);
        hold();
        joined.send("beat", "");
        if (first) run(group).catch(() => undefined);
        else if (group.rendered !== null && group.rendered.hash !== have) {
          tell(group, joined, group.rendered.hash).catch(leave);
        }
      },
      pull(controller) {
        if (waiting === null) return;
        controller.enqueue(encoder.encode(waiting));
        waiting = null;
      },
      cancel: leave,
    }, { highWaterMark: 8 });
    return new Response(body, { headers: HEADERS });
  }

  return {
    follow,
    async current(page) {
      const group = groups.get(keyOf(page));
      return group === undefined ? await deps.render(page) : await fresh(group);
    },
    get counts() {
      const viewers = [...groups.values()].reduce((sum, { viewers }) => sum + viewers.size, 0);
      return { viewers, groups: groups.size };
    },
  };
}
