/** Begins runs: makes them, writes them into a book, and keeps to the overlap rules. */
import type { Clock } from "../../shared/clock.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { DeploymentId, ServiceId } from "../../shared/model/ids.ts";
import type { RunTrigger } from "../../shared/model/job.ts";
import type { DetachedStart, StartedRun } from "../../shared/model/link.ts";
import type { Schedule } from "../../shared/model/schedule.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import type { Reason } from "../../shared/model/verdict.ts";
import { backoffMs } from "../reconcile/backoff.ts";
import type { Desired } from "../reconcile/world.ts";
import { makeRun, type MakeRunDeps, type Taken } from "../runs/make_run.ts";
import { overlaid } from "../runs/overlay.ts";
import {
  type ActiveRun,
  begun,
  type Book,
  ended,
  type JobState,
  MAX_ACTIVE,
  occupies,
  skipped,
  suspended,
  type Uptime,
  withJob,
} from "./book.ts";
import { dueRuns } from "./due.ts";
import { historyOf, toRetry } from "./follow.ts";

export interface BeginDeps extends MakeRunDeps {
  readonly clock: Clock;
  uptime(): Uptime;
  /** The node's own time zone. */
  zone(): string;
  /** What the control plane wants, without runs. */
  intent(): Desired | null;
  /** The same with every run. */
  desired(): Desired | null;
  readonly log: Log;
}

export interface Beginner {
  /** The book with what is due by the clock. */
  due(before: Book, intent: Desired): Book;
  /** The book with new tries for what failed between the two. */
  retries(before: Book, after: Book): Book;
  /** As a person asks for it. Error `not_scheduled`: the clock runs no such job here. */
  suspended(before: Book, service: ServiceId, on: boolean): Book;
  /** As a person asks for it. Error `job_running`: the overlap rule is against it. */
  asked(before: Book, start: DetachedStart): { readonly book: Book; readonly run: StartedRun };
}

const RETRY_BASE_MS = 5_000;
const RETRY_CAP_MS = 300_000;

interface Wanted {
  readonly service: ServiceId;
  readonly trigger: RunTrigger;
  readonly scheduledFor: number | null;
  readonly start: DetachedStart;
  readonly retriesLeft: number;
  readonly tries: number;
  readonly notBeforeUptimeMs: number | null;
  readonly waitsFor: readonly DeploymentId[];
}

/** The deployments that run by the clock, by their service. */
export function scheduledIn(desired: Desired): ReadonlyMap<ServiceId, Deployment> {
  return new Map(
    desired.containers.flatMap(({ deployments }) =>
      deployments.filter(({ want, spec, slot }) =>
        want === "run" && spec.schedule !== undefined && slot === 1
      ).map((each) => [each.service, each] as const)
    ),
  );
}

export function schedulesOf(desired: Desired | null): ReadonlyMap<ServiceId, Schedule> {
  const found = desired === null ? [] : [...scheduledIn(desired)];
  return new Map(
    found.flatMap(([service, { spec }]) =>
      spec.schedule === undefined ? [] : [[service, spec.schedule] as const]
    ),
  );
}

/** The same with what people suspended. */
export function liveSchedules(
  desired: Desired | null,
  book: Book,
): ReadonlyMap<ServiceId, Schedule> {
  return new Map(
    [...schedulesOf(desired)].map(([service, schedule]) => [
      service,
      book.get(service)?.suspended === true ? { ...schedule, suspended: true } : schedule,
    ]),
  );
}

export function servicesIn(desired: Desired): ReadonlySet<ServiceId> {
  return new Set(
    desired.containers.flatMap(({ deployments }) =>
      deployments.flatMap(({ service, want }) => want === "absent" ? [] : [service])
    ),
  );
}

/** What was thrown, as people are told. */
export function reasonOf(thrown: unknown): Reason {
  return {
    code: thrown instanceof SkerryError ? thrown.code : "run_failed",
    message: messageOf(thrown),
  };
}

/** @param taken what containers of this node hold */
export function createBeginner(deps: BeginDeps, taken: () => Taken): Beginner {
  const { clock, log } = deps;
  const keep = () => historyOf(schedulesOf(deps.intent()));

  /** A job that is not in the book yet. */
  function known(before: Book, service: ServiceId): Book {
    if (before.has(service)) return before;
    for (const { project, projectName, deployments } of deps.intent()?.containers ?? []) {
      const deployment = deployments.find((each) => each.service === service);
      if (deployment === undefined) continue;
      const { serviceName } = deployment;
      const state: JobState = {
        ...{ project, projectName, service, serviceName },
        mark: null,
        nextNumber: 1,
        skipped: null,
        active: [],
        ended: [],
      };
      return withJob(before, state);
    }
    return before;
  }

  /** Makes a run and writes it into the book; one that cannot be made is a run that failed. */
  function begin(before: Book, wanted: Wanted): { readonly book: Book; readonly run: ActiveRun } {
    const state = before.get(wanted.service);
    const desired = deps.desired();
    if (state === undefined || desired === null) {
      throw new SkerryError("service_unknown", `service "${wanted.service}" is not on this node`);
    }
    const schedule = schedulesOf(deps.intent()).get(wanted.service);
    const local = makeRun(deps, withBook(desired, before), wanted.start, taken());
    const { bootId, ms } = deps.uptime();
    const run: ActiveRun = {
      report: {
        number: state.nextNumber,
        deployment: local.deployment.id,
        container: local.deployment.containerName,
        trigger: wanted.trigger,
        scheduledFor: wanted.scheduledFor,
        begunAt: clock.now(),
        startedAt: null,
        endedAt: null,
        result: null,
        exitCode: null,
        reason: null,
      },
      deployment: local.deployment,
      timeoutMs: wanted.start.asJob ? schedule?.timeoutMs ?? null : null,
      retriesLeft: wanted.retriesLeft,
      tries: wanted.tries,
      bootId,
      begunUptimeMs: ms,
      notBeforeUptimeMs: wanted.notBeforeUptimeMs,
      waitsFor: [...wanted.waitsFor],
    };
    return { book: begun(before, wanted.service, run), run };
  }

  /** Also those of this change, whose addresses are taken though nobody was told yet. */
  function withBook(desired: Desired, next: Book): Desired {
    const there = new Set(
      desired.containers.flatMap(({ deployments }) => deployments.map(({ id }) => id)),
    );
    const more = [...next.values()].flatMap(({ project, projectName, active }) =>
      active.filter(({ deployment }) => !there.has(deployment.id)).map(({ deployment }) => ({
        section: { project, projectName },
        deployment,
      }))
    );
    return overlaid(desired, more);
  }

  /** Ends those that are in the way where the rule says so; a reason: this one is not to begin. */
  function makeWay(
    before: Book,
    service: ServiceId,
    { overlap }: Pick<Schedule, "overlap">,
  ): { readonly book: Book; readonly waitsFor: DeploymentId[]; readonly against: Reason | null } {
    const active = (before.get(service)?.active ?? []).filter(occupies);
    const [first] = active;
    if (first === undefined) return { book: before, waitsFor: [], against: null };
    const { number } = first.report;
    switch (overlap) {
      case "forbid": {
        const message = `run ${number} was still under way`;
        return { book: before, waitsFor: [], against: { code: "overlap", message } };
      }
      case "allow": {
        const message = `${active.length} runs of it were under way, and no more are begun`;
        const against = active.length < MAX_ACTIVE ? null : { code: "overlap", message };
        return { book: before, waitsFor: [], against };
      }
      case "replace": {
        let next = before;
        const reason = { code: "replaced", message: "the next run was due" };
        for (const { report } of active) {
          const ending = { at: clock.now(), result: "replaced", exitCode: null, reason } as const;
          next = ended(next, report.deployment, ending, keep()(service));
        }
        const waitsFor = active.map(({ report }) => report.deployment);
        return { book: next, waitsFor, against: null };
      }
    }
  }

  function startOf(deployment: Deployment): DetachedStart {
    return {
      deployment: deployment.id,
      detached: true,
      tty: false,
      stdin: false,
      noDeps: false,
      asJob: true,
    };
  }

  /** What is due by the clock. */
  function due(before: Book, intent: Desired): Book {
    const jobs = scheduledIn(intent);
    let next = before;
    for (const service of jobs.keys()) next = known(next, service);
    const now = clock.now();
    const marks = new Map(
      [...next.values()].flatMap((state) =>
        state.mark === null ? [] : [[
          state.service,
          state.mark,
        ]] as const
      ),
    );
    const clocked = [...liveSchedules(intent, next)].map(([service, schedule]) => ({
      service,
      schedule,
    }));
    const { due, marks: moved } = dueRuns(clocked, marks, now, deps.zone());
    for (const [service, mark] of moved) {
      const state = next.get(service);
      if (state !== undefined) next = withJob(next, { ...state, mark });
    }
    for (const { service, scheduledFor, kind } of due) {
      const deployment = jobs.get(service);
      const schedule = deployment?.spec.schedule;
      if (deployment === undefined || schedule === undefined) continue;
      if (kind === "missed") {
        const reason = { code: "missed", message: "nothing could be run at that time" };
        next = skipped(next, service, scheduledFor, reason);
        continue;
      }
      const way = makeWay(next, service, schedule);
      next = way.book;
      if (way.against !== null) {
        next = skipped(next, service, scheduledFor, way.against);
        continue;
      }
      next = tryBegin(next, {
        service,
        trigger: kind === "made_up" ? "missed" : "schedule",
        scheduledFor,
        start: startOf(deployment),
        retriesLeft: schedule.retries,
        tries: 0,
        notBeforeUptimeMs: null,
        waitsFor: way.waitsFor,
      });
    }
    return next;
  }

  /** Nobody waits for it: why it cannot be is told where people look. */
  function tryBegin(before: Book, wanted: Wanted): Book {
    try {
      const { book: next, run } = begin(before, wanted);
      log.info("a job begins", { container: run.report.container, trigger: wanted.trigger });
      return next;
    } catch (thrown) {
      const reason = reasonOf(thrown);
      log.warn("a job cannot begin", { reason: reason.message });
      return skipped(before, wanted.service, wanted.scheduledFor ?? clock.now(), reason);
    }
  }

  function retries(before: Book, after: Book): Book {
    const intent = deps.intent();
    if (intent === null) return after;
    const jobs = scheduledIn(intent);
    let next = after;
    for (const { report, retriesLeft, tries } of toRetry(before, after)) {
      const job = [...jobs].find(([service]) =>
        after.get(service)?.active.some((each) => each.report.deployment === report.deployment)
      );
      if (job === undefined) continue;
      const [service, deployment] = job;
      next = tryBegin(next, {
        service,
        trigger: "retry",
        scheduledFor: report.scheduledFor,
        start: startOf(deployment),
        retriesLeft: retriesLeft - 1,
        tries: tries + 1,
        notBeforeUptimeMs: deps.uptime().ms + backoffMs(tries + 1, RETRY_BASE_MS, RETRY_CAP_MS),
        waitsFor: [report.deployment],
      });
    }
    return next;
  }

  function asked(before: Book, start: DetachedStart) {
    const base = deps.intent()?.containers.flatMap(({ deployments }) => deployments)
      .find(({ id }) => id === start.deployment);
    if (base === undefined) {
      throw new SkerryError(
        "deployment_unknown",
        `running a command: this node was not told of "${start.deployment}" yet`,
        "try again in a moment",
      );
    }
    const schedule = start.asJob ? base.spec.schedule : undefined;
    const { service } = base;
    const way = makeWay(known(before, service), service, schedule ?? { overlap: "allow" });
    if (way.against !== null) {
      throw new SkerryError(
        "job_running",
        `running "${base.serviceName}": ${way.against.message}`,
        "wait for it, or end it with `skerry job stop`",
      );
    }
    const { book: next, run } = begin(way.book, {
      service,
      trigger: "person",
      scheduledFor: null,
      start: { ...start, detached: true },
      retriesLeft: schedule?.retries ?? 0,
      tries: 0,
      notBeforeUptimeMs: null,
      waitsFor: way.waitsFor,
    });
    const { number, deployment, container } = run.report;
    return { book: next, run: { number, deployment, container } };
  }

  function suspendedBy(before: Book, service: ServiceId, on: boolean): Book {
    if (!schedulesOf(deps.intent()).has(service)) {
      throw new SkerryError(
        "not_scheduled",
        "suspending a job: nothing on this node is run by the clock under that name",
        "`skerry get jobs` lists those that are",
      );
    }
    return suspended(known(before, service), service, on);
  }

  return { due, retries, suspended: suspendedBy, asked };
}
