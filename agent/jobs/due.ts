/**
 * Which jobs are due by the clock. Pure.
 *
 * A job's `mark` is the last time of its schedule that was dealt with. Of all the times between it
 * and now only the latest counts, so that a clock that jumps ten years, or a box that was off for a
 * month, gives one run at most. A clock that is set back by little does not run a time of the day
 * again; one that is set back by much was wrong before, and begins anew from where it is, as a
 * schedule of every so often does at once.
 */
import type { ServiceId } from "../../shared/model/ids.ts";
import type { Schedule } from "../../shared/model/schedule.ts";
import type { Instant } from "../../shared/model/verdict.ts";
import { followsTime, latestTime } from "../../shared/schedule/cron.ts";

/** Later than this a run is one that was missed. */
export const ON_TIME_MS = 60_000;
/** A clock that is set back by more was wrong. */
export const SET_BACK_MS = 3 * 3_600_000;

export interface ClockedJob {
  readonly service: ServiceId;
  readonly schedule: Schedule;
}

export interface JobMark {
  /** The schedule that the mark belongs to: another one begins anew. */
  readonly expression: string;
  readonly mark: Instant;
  /** The last time of the schedule that was run for, on whatever clock. */
  readonly done: Instant | null;
}

/** `missed`: too late to be run. */
export interface Due {
  readonly service: ServiceId;
  readonly scheduledFor: Instant;
  readonly kind: "on_time" | "made_up" | "missed";
}

/** Tells one schedule from another. */
export function expressionOf({ cron, timeZone, suspended }: Schedule, zone: string): string {
  return `${suspended === true ? "suspended " : ""}${cron} ${timeZone ?? zone}`;
}

/**
 * @param zone the node's own time zone
 * @returns what is due, and the marks that are others now
 */
export function dueRuns(
  jobs: readonly ClockedJob[],
  marks: ReadonlyMap<ServiceId, JobMark>,
  now: Instant,
  zone: string,
): { readonly due: readonly Due[]; readonly marks: ReadonlyMap<ServiceId, JobMark> } {
  const due: Due[] = [];
  const changed = new Map<ServiceId, JobMark>();
  for (const { service, schedule } of jobs) {
    const before = marks.get(service);
    const expression = expressionOf(schedule, zone);
    if (before?.expression !== expression) {
      // What was due under another schedule, or before this one was known, is not missed.
      changed.set(service, { expression, mark: now, done: before?.done ?? null });
      continue;
    }
    if (schedule.suspended === true) continue;
    if (before.mark - now > (followsTime(schedule.cron) ? 0 : SET_BACK_MS)) {
      changed.set(service, { ...before, mark: now });
      continue;
    }
    const of = { cron: schedule.cron, timeZone: schedule.timeZone ?? zone };
    const latest = latestTime(of, before.mark, now);
    if (latest === null) continue;
    const again = latest === before.done;
    const kind = lateness(schedule, now - latest);
    changed.set(service, {
      expression,
      mark: latest,
      done: kind === "missed" ? before.done : latest,
    });
    if (!again) due.push({ service, scheduledFor: latest, kind });
  }
  return { due, marks: changed };
}

function lateness(schedule: Schedule, late: number): Due["kind"] {
  const limit = schedule.missedWithinMs ?? Number.POSITIVE_INFINITY;
  if (late <= Math.min(ON_TIME_MS, limit)) return "on_time";
  return schedule.missed === "run_once" && late <= limit ? "made_up" : "missed";
}
