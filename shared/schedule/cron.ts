/**
 * Times of a schedule in cron's words, in a time zone. Pure.
 *
 * Where clocks are set forward or back a schedule keeps to these rules:
 * - A time that does not exist is taken at the first moment after the gap, once
 *   (`30 2 * * *` runs at 03:00 on the day that has no 02:30).
 * - A time that exists twice is taken the first time alone.
 * - A schedule with `*`, a step or a range in its minutes or hours follows the time that really
 *   passes instead: what falls into a gap is left out, what comes twice runs twice.
 */
import { Cron } from "croner";

/** Whole fields alone: years, dates and what needs a machine's start are no schedules here. */
const NICKNAMES = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const MAX_LENGTH = 200;
/** Where nothing is due for so long the schedule is a mistake; leap days are up to 8 years apart. */
const MAX_AHEAD_MS = 10 * 366 * 86_400_000;

export interface ZonedCron {
  /** Five fields, or six with seconds before them, or a nickname such as `@daily`. */
  readonly cron: string;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Is it a zone that this machine's tables know? */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name !== "";
  } catch {
    return false;
  }
}

/** What is wrong with a schedule's text, in words; null: nothing. */
export function cronFault(cron: string): string | null {
  if (cron.length > MAX_LENGTH) return "it is too long";
  const fields = cron.trim().split(/\s+/);
  if (cron.startsWith("@")) {
    return NICKNAMES.includes(cron) ? null : `it is none of ${NICKNAMES.join(", ")}`;
  }
  if (fields.length !== 5 && fields.length !== 6) {
    return `it has ${cron.trim() === "" ? 0 : fields.length} fields`;
  }
  try {
    const first = 0;
    const next = new Cron(cron, { timezone: "UTC", paused: true }).nextRun(new Date(first));
    return next === null || next.getTime() > first + MAX_AHEAD_MS ? "it is never due" : null;
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : "";
    return said.replace(/^CronPattern: /, "").slice(0, 200) || "it is no schedule";
  }
}

/**
 * Does it have `*`, a step or a range in its seconds, minutes or hours, so that it is about the time
 * that passes and not about times of the day?
 */
export function followsTime(cron: string): boolean {
  if (cron.startsWith("@")) return cron === "@hourly";
  const fields = cron.trim().split(/\s+/);
  return fields.slice(0, fields.length - 3).some((field) => /[*/?-]/.test(field));
}

function calendar({ cron, timeZone }: ZonedCron): Cron {
  return new Cron(cron, { timezone: timeZone, paused: true });
}

/** The first time after a moment; null: none. */
export function nextTime(of: ZonedCron, after: number): number | null {
  return calendar(of).nextRun(new Date(after))?.getTime() ?? null;
}

/** The next times after a moment. */
export function nextTimes(of: ZonedCron, after: number, count: number): number[] {
  return calendar(of).nextRuns(count, new Date(after)).map((each) => each.getTime());
}

/** The latest time that is later than `after` and not later than `until`; null: none. */
export function latestTime(of: ZonedCron, after: number, until: number): number | null {
  const times = calendar(of);
  const nextOf = (from: number) => times.nextRun(new Date(from))?.getTime() ?? null;
  const isDue = (from: number) => {
    const next = nextOf(from);
    return next !== null && next <= until;
  };
  if (after >= until || !isDue(after)) return null;
  // Ten years of seconds are looked through in thirty steps.
  let low = after;
  let high = until;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isDue(middle)) low = middle;
    else high = middle;
  }
  return nextOf(low);
}
