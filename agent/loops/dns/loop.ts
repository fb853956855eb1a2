/**
 * The DNS loop: a Worker that is watched, restarted and told its configuration again.
 *
 * Deno 2.9 does not end a Worker that is caught in an endless loop of its own: `terminate()` takes
 * effect once it comes back, and its sockets are held until then. The next Worker reports them as
 * `AddrInUse` and binds them when they are free.
 */
import type { Clock } from "../../../shared/clock.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import { canonicalJson, type Sha256, sha256 } from "../../../shared/model/hash.ts";
import type { DnsConfig } from "./config.ts";
import { type BindProblem, type Counters, FromWorker, type ToWorker } from "./protocol.ts";

export interface DnsStatus {
  /** The Worker was heard within its heartbeat's time. */
  readonly alive: boolean;
  /** Digest of the configuration that this very Worker acknowledged; null: none. */
  readonly digest: Sha256 | null;
  /** The last configuration that any Worker acknowledged, and when (milliseconds since 1970). */
  readonly served: { readonly config: DnsConfig; readonly at: number } | null;
  readonly problems: readonly BindProblem[];
  readonly counters: Counters | null;
  /** How often the Worker was started anew. */
  readonly restarts: number;
}

export interface DnsLoop {
  /** Resolves when the Worker has acknowledged it; a later call takes the place of an earlier one. */
  configure(config: DnsConfig): Promise<void>;
  status(): DnsStatus;
  close(): Promise<void>;
  /** Tests only: makes the Worker fail. */
  fail(how: "die" | "throw" | "stall"): void;
}

export interface DnsLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** A Worker that was silent for so long is replaced; default 5 s. */
  readonly silenceMs?: number;
  /** How long {@link DnsLoop.configure} waits for the acknowledgement; default 10 s. */
  readonly acknowledgeMs?: number;
}

const MIN_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 30_000;
/** A Worker may take this long until its first word. */
const START_MS = 30_000;
/** A Worker that lived this long has earned a quick restart. */
const STEADY_MS = 60_000;

/** The digest by which a configuration is known. */
export function digestOf(config: DnsConfig): Sha256 {
  return sha256(canonicalJson(config));
}

interface Pending {
  readonly id: number;
  readonly config: DnsConfig;
  readonly digest: Sha256;
}

export function createDnsLoop(deps: DnsLoopDeps): DnsLoop {
  const { clock, log } = deps;
  const silenceMs = deps.silenceMs ?? 5_000;
  const acknowledgeMs = deps.acknowledgeMs ?? 10_000;
  const closed = new AbortController();
  const waiters = new Set<
    { readonly id: number; resolve(): void; reject(error: SkerryError): void }
  >();
  let worker: Worker | null = null;
  let startedAt = 0;
  let heardAt = 0;
  /** The running Worker has spoken once: until then it is loading, which a busy box makes slow. */
  let heard = false;
  let restartAt: number | null = null;
  let backoffMs = MIN_BACKOFF_MS;
  let restarts = 0;
  let lastId = 0;
  let wanted: Pending | null = null;
  let digest: Sha256 | null = null;
  let served: DnsStatus["served"] = null;
  let problems: readonly BindProblem[] = [];
  let counters: Counters | null = null;
  let watching: Promise<void> | null = null;

  function start(): void {
    restartAt = null;
    heard = false;
    startedAt = heardAt = clock.monotonic();
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "dns",
      deno: { permissions: { net: true } },
    });
    worker = started;
    started.onmessage = (event: MessageEvent<unknown>) => {
      if (worker === started) hear(event.data);
    };
    started.onerror = (event) => {
      event.preventDefault();
      if (worker === started) lose(event.message);
    };
    if (wanted !== null) tell({ kind: "configure", id: wanted.id, config: wanted.config });
  }

  function tell(message: ToWorker): void {
    worker?.postMessage(message);
  }

  function hear(data: unknown): void {
    const parsed = FromWorker.safeParse(data);
    if (!parsed.success) return;
    const message = parsed.data;
    heard = true;
    heardAt = clock.monotonic();
    switch (message.kind) {
      case "alive":
        problems = message.problems;
        counters = message.counters;
        return;
      case "configured":
        problems = message.problems;
        if (wanted?.id === message.id) {
          digest = wanted.digest;
          if (served?.config !== wanted.config) served = { config: wanted.config, at: clock.now() };
        }
        for (const waiter of [...waiters]) {
          if (waiter.id > message.id) continue;
          waiters.delete(waiter);
          waiter.resolve();
        }
        return;
      case "rejected":
        for (const waiter of waiters) waiter.reject(rejected(message.message));
        waiters.clear();
    }
  }

  /** The Worker failed or fell silent: it goes, and another comes after a pause. */
  function lose(why: string): void {
    worker?.terminate();
    worker = null;
    digest = null;
    problems = [];
    const now = clock.monotonic();
    if (now - startedAt >= STEADY_MS) backoffMs = MIN_BACKOFF_MS;
    restartAt = now + backoffMs;
    log.warn("the DNS Worker is started again", { why, inMs: backoffMs });
    backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
  }

  async function watch(): Promise<void> {
    let before = clock.monotonic();
    while (!closed.signal.aborted) {
      await clock.sleep(Math.min(MIN_BACKOFF_MS, silenceMs / 5), closed.signal);
      if (closed.signal.aborted) return;
      const now = clock.monotonic();
      // This thread itself slept (a suspended machine, a starved one): silence proves nothing.
      if (now - before > silenceMs / 2) heardAt = now;
      before = now;
      const patienceMs = heard ? silenceMs : Math.max(silenceMs, START_MS);
      if (worker !== null && now - heardAt > patienceMs) lose(`silent for ${patienceMs} ms`);
      else if (worker === null && restartAt !== null && now >= restartAt) {
        restarts++;
        start();
      }
    }
  }

  return {
    configure(config) {
      if (closed.signal.aborted) return Promise.reject(closedError());
      wanted = { id: ++lastId, config, digest: digestOf(config) };
      const { id } = wanted;
      const done = new Promise<void>((resolve, reject) => {
        const timer = new AbortController();
        const waiter = {
          id,
          resolve() {
            timer.abort();
            resolve();
          },
          reject(error: SkerryError) {
            timer.abort();
            reject(error);
          },
        };
        waiters.add(waiter);
        void clock.sleep(acknowledgeMs, timer.signal).then(() => {
          if (waiters.delete(waiter)) reject(silentError(acknowledgeMs));
        });
      });
      if (watching === null) {
        watching = watch();
        start();
      } else if (worker !== null) tell({ kind: "configure", id, config });
      return done;
    },
    status() {
      const alive = worker !== null && heard && clock.monotonic() - heardAt <= silenceMs;
      return { alive, digest: alive ? digest : null, served, problems, counters, restarts };
    },
    async close() {
      closed.abort();
      worker?.terminate();
      worker = null;
      for (const waiter of waiters) waiter.reject(closedError());
      waiters.clear();
      await watching;
    },
    fail: (how) => tell({ kind: "fail", how }),
  };
}

function rejected(message: string): SkerryError {
  return new SkerryError(
    "dns_config_rejected",
    `giving the DNS server its names: ${message}`,
    "Report this as a defect of Skerry; the names of before are still served.",
  );
}

function silentError(afterMs: number): SkerryError {
  return new SkerryError(
    "dns_silent",
    `giving the DNS server its names: no acknowledgement within ${afterMs} ms`,
    "Nothing needs to be done: the DNS Worker is restarted and told again.",
  );
}

function closedError(): SkerryError {
  return new SkerryError("dns_closed", "giving the DNS server its names: it was closed");
}
