/**
 * The book of jobs: their marks, the runs under way and the runs that ended. Every change is a pure
 * function from one book to the next; jobs.ts writes each to disk before anything comes of it.
 *
 *     run: waiting (for a run before, or a pause) ─► wanted ─► ended, leaving ─► gone
 *
 * A run that has ended is in the history at once; it stays among the active ones until its
 * container is gone.
 */
import { z } from "zod";
import { DeploymentId, ProjectId, ServiceId } from "../../shared/model/ids.ts";
import { RunReport, type RunResult, SkippedRuns } from "../../shared/model/job.ts";
import type { Schedule } from "../../shared/model/schedule.ts";
import { Deployment } from "../../shared/model/sections.ts";
import { ProjectName, ServiceName } from "../../shared/model/service_spec.ts";
import { Instant, type Reason } from "../../shared/model/verdict.ts";

export const ActiveRun = z.strictObject({
  report: RunReport,
  deployment: Deployment,
  timeoutMs: z.int().positive().nullable(),
  retriesLeft: z.int().nonnegative(),
  /** How often it was tried before, in a row. */
  tries: z.int().nonnegative(),
  /** Which start of the machine it belongs to, and how long that one ran when this was begun. */
  bootId: z.string(),
  begunUptimeMs: z.number(),
  /** A pause before a retry; null: none. */
  notBeforeUptimeMs: z.number().nullable(),
  /** It does not start before these are gone. */
  waitsFor: z.array(DeploymentId),
});
export type ActiveRun = z.infer<typeof ActiveRun>;

export const JobState = z.strictObject({
  project: ProjectId,
  projectName: ProjectName,
  service: ServiceId,
  serviceName: ServiceName,
  /** See due.ts; null: it was never seen to run by the clock. */
  mark: z.strictObject({
    expression: z.string(),
    mark: Instant,
    done: Instant.nullable(),
  }).nullable(),
  nextNumber: z.int().positive(),
  /** A person keeps it from being run by the clock, until one says otherwise. */
  suspended: z.literal(true).exactOptional(),
  skipped: SkippedRuns.nullable(),
  active: z.array(ActiveRun),
  /** Newest first. */
  ended: z.array(RunReport),
});
export type JobState = z.infer<typeof JobState>;

export type Book = ReadonlyMap<ServiceId, JobState>;

/** Runs of one job that may be under way at once, whatever its overlap rule says. */
export const MAX_ACTIVE = 10;

export interface Ending {
  readonly at: Instant;
  readonly result: RunResult;
  readonly exitCode: number | null;
  readonly reason: Reason | null;
}

/** The machine's own measure of time, which no clock moves. */
export interface Uptime {
  readonly bootId: string;
  readonly ms: number;
}

/** Does its process live, or may it come to live? */
export function occupies({ report: { endedAt, result } }: ActiveRun): boolean {
  return endedAt === null || result === "timed_out" || result === "replaced" ||
    result === "stopped";
}

/** Is it to have a container now? Of an earlier start of the machine none is. */
export function isWanted(state: JobState, run: ActiveRun, uptime: Uptime): boolean {
  if (run.report.endedAt !== null || run.bootId !== uptime.bootId) return false;
  return !isHeld(state, run, uptime);
}

/** Does it wait for its turn? */
export function isHeld(state: JobState, run: ActiveRun, uptime: Uptime): boolean {
  if (run.report.endedAt !== null || run.report.startedAt !== null) return false;
  if (run.waitsFor.some((id) => state.active.some((each) => each.report.deployment === id))) {
    return true;
  }
  return run.bootId === uptime.bootId && run.notBeforeUptimeMs !== null &&
    uptime.ms < run.notBeforeUptimeMs;
}

/** When its time is over; null: never. */
export function overdueAtMs(
  { timeoutMs, begunUptimeMs, notBeforeUptimeMs }: ActiveRun,
): number | null {
  return timeoutMs === null ? null : timeoutMs + Math.max(begunUptimeMs, notBeforeUptimeMs ?? 0);
}

/** The book with another state of one job. */
export function withJob(book: Book, state: JobState): Book {
  return new Map(book).set(state.service, state);
}

export function findRun(
  book: Book,
  id: DeploymentId,
): { readonly state: JobState; readonly run: ActiveRun } | null {
  for (const state of book.values()) {
    const run = state.active.find(({ report }) => report.deployment === id);
    if (run !== undefined) return { state, run };
  }
  return null;
}

function withRun(state: JobState, run: ActiveRun): JobState {
  const id = run.report.deployment;
  return {
    ...state,
    active: state.active.map((each) => (each.report.deployment === id ? run : each)),
  };
}

/** Its container was seen to have started. */
export function started(book: Book, id: DeploymentId, at: Instant): Book {
  const found = findRun(book, id);
  if (found === null || found.run.report.startedAt !== null) return book;
  const report = { ...found.run.report, startedAt: at };
  return withJob(book, withRun(found.state, { ...found.run, report }));
}

/** It ends, and is in the history from now on. */
export function ended(
  book: Book,
  id: DeploymentId,
  ending: Ending,
  keep: Schedule["history"],
): Book {
  const found = findRun(book, id);
  if (found === null || found.run.report.endedAt !== null) return book;
  const { at, result, exitCode, reason } = ending;
  const report = { ...found.run.report, endedAt: at, result, exitCode, reason };
  const state = withRun(found.state, { ...found.run, report });
  return withJob(book, { ...state, ended: trimmed([report, ...state.ended], keep) });
}

/** The newest of each kind. */
export function trimmed(runs: readonly RunReport[], keep: Schedule["history"]): RunReport[] {
  let { successful, failed } = keep;
  return runs.filter(({ result }) => result === "succeeded" ? successful-- > 0 : failed-- > 0);
}

/** Its container is gone. */
export function gone(book: Book, id: DeploymentId): Book {
  const found = findRun(book, id);
  if (found === null) return book;
  const { state } = found;
  return withJob(book, {
    ...state,
    active: state.active.filter(({ report }) => report.deployment !== id),
  });
}

/** Nothing is run at a time of the schedule. */
export function skipped(book: Book, service: ServiceId, at: Instant, reason: Reason): Book {
  const state = book.get(service);
  if (state === undefined) return book;
  const count = (state.skipped?.count ?? 0) + 1;
  return withJob(book, { ...state, skipped: { count, scheduledFor: at, reason } });
}

/** A person keeps it from being run by the clock, or no more. */
export function suspended(book: Book, service: ServiceId, on: boolean): Book {
  const state = book.get(service);
  if (state === undefined || (state.suspended === true) === on) return book;
  const { suspended: _, ...rest } = state;
  return withJob(book, on ? { ...rest, suspended: true } : rest);
}

/** A new run; what was skipped before is told no more where the clock began it. */
export function begun(book: Book, service: ServiceId, run: ActiveRun): Book {
  const state = book.get(service);
  if (state === undefined) return book;
  const byClock = run.report.trigger === "schedule" || run.report.trigger === "missed";
  return withJob(book, {
    ...state,
    nextNumber: Math.max(state.nextNumber, run.report.number + 1),
    skipped: byClock ? null : state.skipped,
    active: [...state.active, run],
  });
}

/** Runs that fell out of a history: nobody can ask for their logs. Those of a service that went stay. */
export function forgotten(before: Book, after: Book): DeploymentId[] {
  const idsOf = ({ active, ended }: JobState) => [
    ...active.map(({ report }) => report.deployment),
    ...ended.map(({ deployment }) => deployment),
  ];
  return [...after].flatMap(([service, state]) => {
    const kept = new Set(idsOf(state));
    const old = before.get(service);
    return old === undefined ? [] : [...new Set(idsOf(old))].filter((id) => !kept.has(id));
  });
}
