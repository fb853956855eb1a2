/**
 * How often somebody may try to log in. Each address has so many tries; who fails at one account
 * from one address waits longer and longer; who fails from many addresses meets a slow pace for
 * addresses from which nobody ever logged in to it. So a flood neither takes the machine's time nor
 * keeps out those who come from where they always come from. Kept in memory, within bounds.
 */
import type { Clock } from "../../shared/clock.ts";
import { networkOf } from "../../shared/network_of.ts";
import { RetryLater } from "../retry_later.ts";

/** Tries that an address has at once, and after how long it has one more. */
const ADDRESS_BURST = 20;
const ADDRESS_REFILL_MS = 3_000;
/** Passwords of one address that are checked at one time. */
const ADDRESS_AT_ONCE = 2;
/** So many failures at an account from an address are free; then each doubles the wait. */
const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 900_000;
/** Failures at an account from anywhere before strange addresses get a slow pace. */
const ACCOUNT_FAILURES = 30;
const ACCOUNT_PACE_MS = 10_000;
/** Failures are forgotten after this without a further one. */
const FORGET_MS = 3_600_000;
const MAX_KEPT = 10_000;
/** Lines in the log of changes, within an hour. */
const TOLD_AN_HOUR = 60;

/** Error `too_many`: how long to wait is in `retryAfterSeconds`. */
export class TooMany extends RetryLater {
  override readonly name = "TooMany";
  constructor(retryAfterSeconds: number) {
    super(
      "too_many",
      `too many attempts to log in; the next one is taken in ${retryAfterSeconds} s`,
      "Wait, or let root on the box help: `skerry user reset NAME`.",
      retryAfterSeconds,
    );
  }
}

interface Failures {
  readonly count: number;
  readonly nextMs: number;
  readonly lastMs: number;
}

interface Tries {
  readonly left: number;
  readonly atMs: number;
}

export interface Attempt extends Disposable {
  /** True: it is worth a line in the log of changes, which a flood must not fill. */
  failed(): boolean;
  succeeded(): void;
}

export interface LoginLimits {
  /**
   * Error {@link TooMany}. Dispose of the attempt when it is over.
   * @param isKnown somebody logged in to it from there before
   */
  begin(account: string, address: string | null, isKnown?: boolean): Attempt;
}

/** The newest last; the oldest go where there are too many. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) break;
    map.delete(oldest);
  }
}

/** Nobody has tried yet. */
export function createLoginLimits(clock: Pick<Clock, "monotonic">): LoginLimits {
  const tries = new Map<string, Tries>();
  const atOnce = new Map<string, number>();
  const byPair = new Map<string, Failures>();
  const byAccount = new Map<string, Failures>();
  const known = new Map<string, true>();

  let told: number[] = [];
  const tell = (at: number): boolean => {
    told = told.filter((each) => at - each < FORGET_MS);
    if (told.length >= TOLD_AN_HOUR) return false;
    told.push(at);
    return true;
  };
  const refuse = (waitMs: number): never => {
    throw new TooMany(Math.max(1, Math.ceil(waitMs / 1000)));
  };
  const recent = (map: Map<string, Failures>, key: string, now: number): Failures | null => {
    const found = map.get(key);
    return found === undefined || now - found.lastMs > FORGET_MS ? null : found;
  };

  return {
    begin(account, address, isKnown = false) {
      const now = clock.monotonic();
      const network = networkOf(address);
      const pair = `${network} ${account}`;
      const before = tries.get(network) ?? { left: ADDRESS_BURST, atMs: now };
      const left = Math.min(ADDRESS_BURST, before.left + (now - before.atMs) / ADDRESS_REFILL_MS);
      if (left < 1) refuse((1 - left) * ADDRESS_REFILL_MS);
      const running = atOnce.get(network) ?? 0;
      if (running >= ADDRESS_AT_ONCE) refuse(1_000);
      const here = recent(byPair, pair, now);
      if (here !== null && now < here.nextMs) refuse(here.nextMs - now);
      const anywhere = recent(byAccount, account, now);
      if (anywhere !== null && !isKnown && !known.has(pair) && now < anywhere.nextMs) {
        refuse(anywhere.nextMs - now);
      }
      keep(tries, network, { left: left - 1, atMs: now });
      atOnce.set(network, running + 1);
      let open = true;
      return {
        failed() {
          const at = clock.monotonic();
          const count = (recent(byPair, pair, at)?.count ?? 0) + 1;
          const waitMs = count < FREE_FAILURES
            ? 0
            : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (count - FREE_FAILURES));
          keep(byPair, pair, { count, nextMs: at + waitMs, lastMs: at });
          const all = (recent(byAccount, account, at)?.count ?? 0) + 1;
          const pace = all < ACCOUNT_FAILURES ? 0 : ACCOUNT_PACE_MS;
          keep(byAccount, account, { count: all, nextMs: at + pace, lastMs: at });
          return (count & (count - 1)) === 0 && tell(at);
        },
        succeeded() {
          byPair.delete(pair);
          keep(known, pair, true);
        },
        [Symbol.dispose]() {
          if (!open) return;
          open = false;
          const still = (atOnce.get(network) ?? 1) - 1;
          if (still === 0) atOnce.delete(network);
          else atOnce.set(network, still);
        },
      };
    },
  };
}
