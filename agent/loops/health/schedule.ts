/**
 * When the next check is due and what its result means. Pure.
 *
 *     starting ──success──► healthy ──`retries` failures──► unhealthy ──success──► healthy
 *        └──`retries` failures after the start period──► unhealthy
 *
 * Until the first success it is asked sooner than the interval says, so that a quick service is
 * quickly in service; these extra looks count only when they succeed.
 */
import type { HealthCheck } from "../../../shared/model/service_spec.ts";
import type { HealthSeen } from "../../reconcile/world.ts";

export type TimedCheck = Exclude<HealthCheck, { kind: "none" }>;

/** How soon the first look is, and the longest pause between early looks. */
const FIRST_LOOK_MS = { exec: 500, http: 50, tcp: 50 } as const;
const LAST_LOOK_MS = { exec: 5_000, http: 1_000, tcp: 1_000 } as const;
const OUTPUT_CHARACTERS = 500;

export interface Progress {
  readonly seen: HealthSeen;
  readonly looks: number;
  /** When the last failure that counts was, on the monotonic clock. */
  readonly countedAtMs: number;
}

/** Milliseconds until the next check. */
export function nextCheckMs(check: TimedCheck, progress: Progress): number {
  if (progress.seen.health !== "starting") return check.intervalMs;
  const first = FIRST_LOOK_MS[check.kind];
  const grown = Math.min(LAST_LOOK_MS[check.kind], first * 1.5 ** Math.min(progress.looks, 30));
  return Math.max(10, Math.min(grown, check.intervalMs));
}

/**
 * The state after one check.
 * @param lifeMs how long the container has lived
 * @param monotonicMs the time on a clock that never jumps; `now` the node's clock
 */
export function afterCheck(
  check: TimedCheck,
  before: Progress,
  result: { readonly ok: boolean; readonly output: string },
  at: { readonly lifeMs: number; readonly monotonicMs: number; readonly now: number },
): Progress {
  const looks = before.looks + 1;
  if (result.ok) {
    const since = before.seen.health === "healthy" ? before.seen.since : at.now;
    return {
      seen: { health: "healthy", since, failingStreak: 0, output: null },
      looks,
      countedAtMs: at.monotonicMs,
    };
  }
  const output = result.output.trim().slice(0, OUTPUT_CHARACTERS) || null;
  const starting = before.seen.health === "starting";
  const early = starting &&
    (at.lifeMs < check.startPeriodMs || at.monotonicMs - before.countedAtMs < check.intervalMs);
  if (early) return { ...before, seen: { ...before.seen, output }, looks };
  const failingStreak = before.seen.failingStreak + 1;
  const unhealthy = failingStreak >= check.retries;
  const health = unhealthy ? "unhealthy" : before.seen.health;
  return {
    seen: {
      health,
      since: health === before.seen.health ? before.seen.since : at.now,
      failingStreak,
      output,
    },
    looks,
    countedAtMs: at.monotonicMs,
  };
}
