/**
 * Jobs of this node: those that run by the clock, and runs that a person starts and leaves. Each run
 * is a deployment of the node's own, laid over what is wanted, as runs that a person looks on at
 * are; but it is written to disk before it is wanted, so that it outlives the agent, and is told
 * once how it ended.
 *
 * The wall clock says when a job is due; how long one may take is counted on the machine's uptime,
 * which no clock moves.
 */
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { DeploymentId, ServiceId } from "../../shared/model/ids.ts";
import type { JobReport } from "../../shared/model/job.ts";
import type { DetachedStart, StartedRun } from "../../shared/model/link.ts";
import type { Reason, ReportedVerdict } from "../../shared/model/verdict.ts";
import { nextTime } from "../../shared/schedule/cron.ts";
import type { Desired, World } from "../reconcile/world.ts";
import { NOTHING_TAKEN, type Taken, takenIn } from "../runs/make_run.ts";
import { type LocalRun, overlaid } from "../runs/overlay.ts";
import {
  type BeginDeps,
  createBeginner,
  liveSchedules,
  reasonOf,
  schedulesOf,
  servicesIn,
} from "./begin.ts";
import { type Book, ended, findRun, forgotten, isWanted, overdueAtMs } from "./book.ts";
import { expired, followed, historyOf, waitReason, withoutService } from "./follow.ts";
import type { JobStore } from "./store.ts";
import { type JobEvent, jobEvents } from "./tell.ts";

export interface JobsDeps extends BeginDeps {
  readonly store: JobStore;
  /** What {@link Jobs.overlay} gives is another now. */
  changed(): void;
  dropLog(deployment: DeploymentId): Promise<void>;
  /** What happened to a job. */
  tell(event: JobEvent): void;
}

export interface Jobs {
  overlay(desired: Desired): Desired;
  /** After each look. */
  follow(world: World): void;
  /** After each plan: what a run waits for. */
  judge(verdicts: readonly ReportedVerdict[]): void;
  /** A run's container cannot be made or started. */
  cannotStart(id: DeploymentId, thrown: unknown): void;
  start(start: DetachedStart): Promise<StartedRun>;
  stop(service: ServiceId, number: number): Promise<void>;
  /** A person keeps a job from being run by the clock, or no more. */
  suspend(service: ServiceId, on: boolean): Promise<void>;
  reports(): readonly JobReport[];
  /** Look at the clock and at what is wanted now. */
  poke(): void;
  /** Begins what is due until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** A jump of the clock is seen within this. */
const LOOK_MS = 10_000;
/** What no further try would mend. */
const FINAL = new Set([
  "command_not_found",
  "user_unknown",
  "mount_source_missing",
  "volume_unknown",
  "limits_not_applied",
  "invalid",
  "name_taken",
  "hook_failed",
  "dependency_failed",
]);

export async function createJobs(deps: JobsDeps): Promise<Jobs> {
  const { clock, log } = deps;
  let book: Book = await deps.store.load();
  let turn: Promise<unknown> = Promise.resolve();
  let taken: Taken = NOTHING_TAKEN;
  let world: World | null = null;
  let unsaved = false;
  let wake: () => void = () => undefined;
  let shownAs = "";
  const reasons = new Map<DeploymentId, Reason>();
  const beginner = createBeginner(deps, () => taken);

  /** Changes run one after the other, each on disk before anything comes of it. */
  function change<T>(update: (before: Book) => { readonly book: Book; readonly answer: T }) {
    const result = turn.then(async () => {
      const before = book;
      const { book: next, answer } = update(before);
      if (next !== before) {
        await save(next);
        book = next;
        for (const event of jobEvents(before, next)) deps.tell(event);
        for (const id of forgotten(before, next)) {
          reasons.delete(id);
          await deps.dropLog(id).catch((thrown) =>
            log.warn("the log of an old run cannot be removed", { reason: messageOf(thrown) })
          );
        }
      }
      tellIfOther();
      return answer;
    });
    turn = result.catch(() => undefined);
    return result;
  }

  async function save(next: Book): Promise<void> {
    try {
      await deps.store.save(next);
      unsaved = false;
    } catch (thrown) {
      // A full disk must not keep jobs from running: one of them may be what makes room.
      if (!unsaved) log.error("the book of jobs cannot be written", { reason: messageOf(thrown) });
      unsaved = true;
    }
  }

  /** Runs become wanted by time alone too. */
  function tellIfOther(): void {
    const shown = activeRuns().map(({ deployment: { id, want } }) => `${id} ${want}`).join();
    if (shown === shownAs) return;
    shownAs = shown;
    deps.changed();
  }

  function activeRuns(): LocalRun[] {
    const uptime = deps.uptime();
    return [...book.values()].flatMap((state) =>
      state.active.flatMap((run): LocalRun[] => {
        const wanted = isWanted(state, run, uptime);
        // One that was never wanted has nothing that could go.
        const held = waitReason(book, run, uptime) !== null;
        if (!wanted && held) return [];
        const { project, projectName } = state;
        const deployment = { ...run.deployment, want: wanted ? "run" as const : "absent" as const };
        return [{ section: { project, projectName }, deployment }];
      })
    );
  }

  const keep = () => historyOf(schedulesOf(deps.intent()));

  /** What the clocks alone change. */
  const tick = () =>
    change((before) => {
      const intent = deps.intent();
      // Before the first look nobody knows which addresses are free.
      if (intent === null || world === null) return { book: before, answer: undefined };
      const now = clock.now();
      let next = withoutService(before, servicesIn(intent), now, keep());
      next = expired(next, deps.uptime(), now, keep());
      next = beginner.due(next, intent);
      return { book: next, answer: undefined };
    });

  function pauseMs(): number {
    const now = clock.now();
    const zone = deps.zone();
    const { ms } = deps.uptime();
    let pause = LOOK_MS;
    for (const { cron, timeZone, suspended } of liveSchedules(deps.intent(), book).values()) {
      if (suspended === true) continue;
      const next = nextTime({ cron, timeZone: timeZone ?? zone }, now);
      if (next !== null) pause = Math.min(pause, next - now);
    }
    for (const { active } of book.values()) {
      for (const run of active) {
        if (run.report.endedAt !== null) continue;
        const { notBeforeUptimeMs } = run;
        const overdue = overdueAtMs(run);
        if (overdue !== null) pause = Math.min(pause, overdue - ms);
        if (notBeforeUptimeMs !== null && notBeforeUptimeMs > ms) {
          pause = Math.min(pause, notBeforeUptimeMs - ms);
        }
      }
    }
    // A timer may fire a little early.
    return Math.max(20, pause + 5);
  }

  function end(id: DeploymentId, ending: Parameters<typeof ended>[2]) {
    return change((before) => {
      const service = findRun(before, id)?.state.service;
      if (service === undefined) return { book: before, answer: undefined };
      const next = ended(before, id, ending, keep()(service));
      return { book: beginner.retries(before, next), answer: undefined };
    });
  }

  return {
    overlay: (desired) => overlaid(desired, activeRuns()),

    follow(next) {
      const first = world === null;
      world = next;
      taken = takenIn(next.seen);
      const look = (before: Book) => followed(before, next, deps.uptime(), clock.now(), keep());
      if (look(book) !== book) {
        void change((before) => ({
          book: beginner.retries(before, look(before)),
          answer: undefined,
        }))
          .catch(() => undefined);
      }
      if (first) wake();
    },

    judge(verdicts) {
      const bySubject = new Map<string, ReportedVerdict>();
      for (const verdict of verdicts) {
        if (verdict.facet === "containers") bySubject.set(verdict.subject, verdict);
      }
      for (const { active } of book.values()) {
        for (const { report } of active) {
          const verdict = bySubject.get(report.deployment);
          const held = verdict?.kind === "waiting" || verdict?.kind === "blocked";
          if (verdict === undefined || !held) {
            reasons.delete(report.deployment);
            continue;
          }
          reasons.set(report.deployment, verdict.reason);
          if (verdict.kind !== "blocked" || !FINAL.has(verdict.reason.code)) continue;
          void failed(report.deployment, verdict.reason);
        }
      }
    },

    cannotStart(id, thrown) {
      const reason = reasonOf(thrown);
      if (findRun(book, id) !== null && FINAL.has(reason.code)) void failed(id, reason);
    },

    start: (start) =>
      change((before) => {
        const { book: next, run } = beginner.asked(before, start);
        return { book: next, answer: run };
      }),

    stop: (service, number) =>
      change((before) => {
        const run = before.get(service)?.active.find(({ report }) =>
          report.number === number && report.endedAt === null
        );
        if (run === undefined) {
          throw new SkerryError(
            "run_unknown",
            `ending run ${number}: it is not under way`,
            "`skerry describe job` lists those that are",
          );
        }
        const reason = { code: "stopped", message: "a person ended it" };
        const ending = { at: clock.now(), result: "stopped", exitCode: null, reason } as const;
        const next = ended(before, run.report.deployment, ending, keep()(service));
        return { book: next, answer: undefined };
      }),

    async suspend(service, on) {
      await change((before) => ({
        book: beginner.suspended(before, service, on),
        answer: undefined,
      }));
      wake();
      deps.changed();
    },

    reports() {
      const uptime = deps.uptime();
      return [...book.values()].map(({ service, skipped, suspended, active, ended }) => ({
        service,
        ...(suspended === true ? { suspended } : {}),
        skipped,
        runs: [
          ...active.filter(({ report }) => report.endedAt === null).map((run) => {
            const { report } = run;
            const running = report.startedAt !== null;
            const reason = running
              ? null
              : waitReason(book, run, uptime) ?? reasons.get(report.deployment) ?? null;
            return { ...report, reason };
          }).toReversed(),
          ...ended,
        ],
      })).filter((each) =>
        each.runs.length > 0 || each.skipped !== null || each.suspended === true
      );
    },

    poke: () => wake(),

    async run(signal) {
      while (!signal.aborted) {
        await tick().catch((thrown) =>
          log.error("jobs could not be looked at", { reason: messageOf(thrown) })
        );
        const waking = new AbortController();
        wake = () => waking.abort();
        await clock.sleep(pauseMs(), AbortSignal.any([signal, waking.signal]));
      }
      await turn;
    },
  };

  function failed(id: DeploymentId, reason: Reason): Promise<void> {
    return end(id, { at: clock.now(), result: "failed", exitCode: null, reason })
      .catch(() => undefined);
  }
}
