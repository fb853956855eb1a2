/** Forwarding what is not ours, with a cache, within a budget shorter than a client's patience. */
import { type AnswerCache, type Cached, createAnswerCache } from "./cache.ts";
import { exchange } from "./exchange.ts";
import { type Forwarder, servfail } from "./handler.ts";
import type { Answer } from "./message.ts";
import { type Age, renderAnswer } from "./render.ts";
import type { Upstream } from "./resolv_conf.ts";
import { createQuery, FLAG, type Query, RCODE, readQuery } from "./wire.ts";

const ATTEMPTS = 3;
/** Different questions under way, each with up to three sockets. */
const MAX_IN_FLIGHT = 256;
/** Askers that wait for an answer. */
const MAX_WAITING = 2_048;
const STALE_TTL_SECONDS = 30;
/** After a failure stale answers go out at once for so long. */
const STALE_RECHECK_MS = 30_000;
/** A failure is remembered for so long (RFC 9520 section 3.2). */
const FAILURE_MS = 1_000;
/** An upstream that let a question time out is asked last for so long. */
const PENALTY_MS = 30_000;

export interface ForwarderDeps {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** A question was refused because {@link MAX_IN_FLIGHT} others are under way. */
  onRefused(): void;
  readonly cache?: AnswerCache;
  /** Default 4 s: clients give up after 5 s. */
  readonly budgetMs?: number;
  /** Default 1.8 s: how long an asker waits where a stale answer is at hand (RFC 8767 section 5). */
  readonly staleAfterMs?: number;
}

export interface ForwarderControl extends Forwarder {
  /** The upstreams from now on, at most three. */
  use(upstreams: readonly Upstream[]): void;
  cacheEntries(): number;
  close(): void;
}

export function createForwarder(deps: ForwarderDeps): ForwarderControl {
  const { cache = createAnswerCache(), budgetMs = 4_000, staleAfterMs = 1_800 } = deps;
  const inFlight = new Map<string, Promise<Answer | null>>();
  const failedAt = new Map<string, number>();
  const timedOutAt = new Map<Upstream, number>();
  const closed = new AbortController();
  let upstreams: readonly Upstream[] = [];
  let waiting = 0;

  /** The answer of the upstreams, cached; equal questions at one time share one exchange. */
  function ask(key: string, query: Query): Promise<Answer | null> {
    const running = inFlight.get(key);
    if (running !== undefined) return running;
    const now = deps.now();
    if (now - (failedAt.get(key) ?? -Infinity) < FAILURE_MS) return Promise.resolve(null);
    if (inFlight.size >= MAX_IN_FLIGHT) {
      deps.onRefused();
      return Promise.resolve(null);
    }
    const asked = askInTurn(ordered(now), query).then((answer) => {
      inFlight.delete(key);
      if (answer === null || !settles(answer)) {
        if (failedAt.size > MAX_IN_FLIGHT * 4) failedAt.clear();
        failedAt.set(key, deps.now());
      } else {
        failedAt.delete(key);
        cache.put(key, answer, deps.now());
      }
      return answer;
    });
    inFlight.set(key, asked);
    return asked;
  }

  function ordered(now: number): Upstream[] {
    const late = (one: Upstream) => now - (timedOutAt.get(one) ?? -Infinity) < PENALTY_MS ? 1 : 0;
    return [...upstreams].sort((a, b) => late(a) - late(b));
  }

  /**
   * Asks one upstream after the other, the next when one failed or its share of the budget is
   * over; an earlier one may still win. Null: none had an answer.
   */
  function askInTurn(order: readonly Upstream[], query: Query): Promise<Answer | null> {
    return new Promise((resolve) => {
      const stop = new AbortController();
      let started = 0;
      let running = 0;
      let failure: Answer | null = null;
      let turn: ReturnType<typeof setTimeout> | undefined;
      const end = setTimeout(() => finish(failure), budgetMs);
      const finish = (answer: Answer | null) => {
        clearTimeout(end);
        clearTimeout(turn);
        closed.signal.removeEventListener("abort", onClose);
        stop.abort();
        resolve(answer);
      };
      const onClose = () => finish(null);
      closed.signal.addEventListener("abort", onClose);
      const next = () => {
        clearTimeout(turn);
        if (stop.signal.aborted) return;
        const upstream = order[started % Math.max(1, order.length)];
        if (upstream === undefined || started >= ATTEMPTS) {
          if (running === 0) finish(failure);
          return;
        }
        started++;
        running++;
        turn = setTimeout(() => {
          timedOutAt.set(upstream, deps.now());
          next();
        }, budgetMs / ATTEMPTS);
        exchange(upstream, query, stop.signal).then((answer) => {
          running--;
          if (stop.signal.aborted) return;
          if (answer.rcode === RCODE.NOERROR || answer.rcode === RCODE.NXDOMAIN) {
            timedOutAt.delete(upstream);
            finish(answer);
          } else {
            failure ??= answer;
            next();
          }
        }, () => {
          running--;
          next();
        });
      };
      next();
    });
  }

  async function resolve(
    packet: Uint8Array<ArrayBuffer>,
    limitBytes: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const query = createQuery();
    if (readQuery(query, packet, packet.length) !== "query") return servfail(query, packet);
    const render = (answer: Answer, age: Age) =>
      renderAnswer(answer, query, packet, age, limitBytes);
    const key = keyOf(query);
    const now = deps.now();
    const cached = cache.get(key, now);
    if (cached !== null && now < cached.freshUntil) {
      return render(cached.answer, freshness(cached, now));
    }
    if (waiting >= MAX_WAITING) {
      deps.onRefused();
      return servfail(query, packet);
    }
    waiting++;
    try {
      return await settle(key, query, packet, cached, render);
    } finally {
      waiting--;
    }
  }

  /** The upstreams' answer, the stale one where they are slow or fail, or SERVFAIL. */
  async function settle(
    key: string,
    query: Query,
    packet: Uint8Array<ArrayBuffer>,
    cached: Cached | null,
    render: (answer: Answer, age: Age) => Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const asked = ask(key, query);
    const stale: Age = { kind: "stale", ttlSeconds: STALE_TTL_SECONDS };
    if (cached !== null) {
      const failing = deps.now() - (failedAt.get(key) ?? -Infinity) < STALE_RECHECK_MS;
      if (failing) return render(cached.answer, stale);
      const answer = await within(asked, staleAfterMs);
      return answer === null || !settles(answer)
        ? render(cached.answer, stale)
        : render(answer, { kind: "fresh", seconds: 0 });
    }
    const answer = await asked;
    return answer === null
      ? servfail(query, packet)
      : render(answer, { kind: "fresh", seconds: 0 });
  }

  return {
    resolve,
    use(list) {
      upstreams = list;
      timedOutAt.clear();
      failedAt.clear();
    },
    cacheEntries: () => cache.size,
    close: () => closed.abort(),
  };
}

/** Does an answer say something about the name, as SERVFAIL and REFUSED do not? */
function settles(answer: Answer): boolean {
  return answer.rcode === RCODE.NOERROR || answer.rcode === RCODE.NXDOMAIN;
}

function freshness(cached: Cached, now: number): Age {
  return { kind: "fresh", seconds: Math.floor((now - cached.storedAt) / 1000) };
}

/** Type, the bits that change an answer, and the name in lower case. */
function keyOf(query: Query): string {
  let key = `${query.type} ${query.dnssecOk ? 1 : 0}${(query.flags & FLAG.CD) === 0 ? 0 : 1} `;
  for (let i = 0; i < query.nameLength; i++) key += String.fromCharCode(query.name[i] ?? 0);
  return key;
}

/** Null after `ms`; the promise goes on by itself. */
function within<T>(promise: Promise<T | null>, ms: number): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
