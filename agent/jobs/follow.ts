/** What the node sees of the runs, taken into the book. Pure. */
import type { DeploymentId, ServiceId } from "../../shared/model/ids.ts";
import { DEFAULT_HISTORY, type Schedule } from "../../shared/model/schedule.ts";
import type { Instant, Reason } from "../../shared/model/verdict.ts";
import { endReason } from "../reconcile/end_reason.ts";
import type { World } from "../reconcile/world.ts";
import {
  type ActiveRun,
  type Book,
  ended,
  type Ending,
  gone,
  isHeld,
  overdueAtMs,
  started,
  type Uptime,
} from "./book.ts";

export type RunWorld = Pick<World, "desired" | "memory"> & {
  readonly seen: Pick<World["seen"], "containers">;
};

/** How many ended runs of a service are kept. */
export type HistoryOf = (service: ServiceId) => Schedule["history"];

/** @param scheduled the schedules there are */
export function historyOf(scheduled: ReadonlyMap<ServiceId, Schedule>): HistoryOf {
  return (service) => scheduled.get(service)?.history ?? DEFAULT_HISTORY;
}

/** The runs as the node sees them now. */
export function followed(
  book: Book,
  world: RunWorld,
  uptime: Uptime,
  now: Instant,
  keep: HistoryOf,
): Book {
  const told = new Map(
    world.desired.containers.flatMap(({ deployments }) =>
      deployments.map(({ id, want }) => [id, want] as const)
    ),
  );
  let next = book;
  for (const { service, active } of book.values()) {
    for (const run of active) {
      const id = run.report.deployment;
      const seen = world.seen.containers.byDeployment.get(id);
      if (run.report.endedAt !== null) {
        if (told.get(id) === "absent" && seen === undefined) next = gone(next, id);
        continue;
      }
      const since = seen?.startedAt ?? null;
      if (since !== null) next = started(next, id, Math.round(since));
      const wanted = told.get(id) === "run";
      const ending = endingOf(world, run, wanted, now);
      if (ending !== null) next = ended(next, id, ending, keep(service));
    }
  }
  return lostWithMachine(next, uptime, now, keep);
}

/** How it ended, as far as it can be seen; null: it has not. */
function endingOf(
  world: RunWorld,
  { report, deployment }: ActiveRun,
  wanted: boolean,
  now: Instant,
): Ending | null {
  const id = report.deployment;
  const seen = world.seen.containers.byDeployment.get(id);
  const exit = world.memory.get(id)?.jobExit ?? null;
  if (exit === null) {
    if (!wanted || seen !== undefined || report.startedAt === null) return null;
    return lost("its container was removed by another hand", now);
  }
  const at = Math.round(exit.at);
  if (seen?.state === "dead" || (seen !== undefined && seen.exitCode === null)) {
    return lost("its process or its conmon is gone without a trace", at);
  }
  if (exit.code === 0) return { at, result: "succeeded", exitCode: 0, reason: null };
  const reason = seen === undefined
    ? { code: "exited", message: `it exited with code ${exit.code}` }
    : endReason(seen, deployment);
  return { at, result: "failed", exitCode: exit.code, reason };
}

function lost(message: string, at: Instant): Ending {
  return { at, result: "lost", exitCode: null, reason: { code: "lost", message } };
}

/** What a machine ran when it went down is not known to have ended; what only waited goes on to. */
function lostWithMachine(book: Book, uptime: Uptime, now: Instant, keep: HistoryOf): Book {
  let next = book;
  for (const state of book.values()) {
    for (const run of state.active) {
      if (run.report.endedAt !== null || run.bootId === uptime.bootId) continue;
      const message = isHeld(state, run, uptime) || run.notBeforeUptimeMs !== null
        ? "the machine was started anew before it began"
        : "the machine was started anew while it ran";
      next = ended(next, run.report.deployment, lost(message, now), keep(state.service));
    }
  }
  return next;
}

/** Those whose time is over end. */
export function expired(book: Book, uptime: Uptime, now: Instant, keep: HistoryOf): Book {
  let next = book;
  for (const state of book.values()) {
    for (const run of state.active) {
      const overdue = overdueAtMs(run);
      if (run.report.endedAt !== null || run.bootId !== uptime.bootId || overdue === null) continue;
      if (uptime.ms < overdue) continue;
      const seconds = Math.round((run.timeoutMs ?? 0) / 1000);
      next = ended(next, run.report.deployment, {
        at: now,
        result: "timed_out",
        exitCode: null,
        reason: { code: "timeout", message: `it took longer than its ${seconds} s` },
      }, keep(state.service));
    }
  }
  return next;
}

/** Runs of services that are no more end, and jobs without anything to tell are forgotten. */
export function withoutService(
  book: Book,
  services: ReadonlySet<ServiceId>,
  now: Instant,
  keep: HistoryOf,
): Book {
  let next = book;
  for (const { service, active } of book.values()) {
    if (services.has(service)) continue;
    for (const { report } of active) {
      next = ended(next, report.deployment, {
        at: now,
        result: "stopped",
        exitCode: null,
        reason: { code: "service_gone", message: "its service was taken away" },
      }, keep(service));
    }
    if (active.length > 0) continue;
    const left = new Map(next);
    left.delete(service);
    next = left;
  }
  return next;
}

/** Which ended runs are tried again: those that failed or were lost and have tries left. */
export function toRetry(before: Book, after: Book): readonly ActiveRun[] {
  const wasEnded = (id: DeploymentId) =>
    [...before.values()].some(({ active }) =>
      active.some(({ report }) => report.deployment === id && report.endedAt !== null)
    );
  return [...after.values()].flatMap(({ active }) =>
    active.filter(({ report, retriesLeft }) =>
      retriesLeft > 0 && (report.result === "failed" || report.result === "lost") &&
      !wasEnded(report.deployment)
    )
  );
}

/** What keeps a run from its start, for those who ask. */
export function waitReason(book: Book, run: ActiveRun, uptime: Uptime): Reason | null {
  const state = [...book.values()].find(({ active }) => active.includes(run));
  if (state === undefined || !isHeld(state, run, uptime)) return null;
  if (run.notBeforeUptimeMs !== null && uptime.ms < run.notBeforeUptimeMs) {
    return { code: "pause", message: "the run before failed: it is tried again in a moment" };
  }
  return { code: "overlap", message: "the run before is ended first" };
}
