/** What happened to jobs between one book and the next, in words. Pure. */
import type { EventKind, EventSubject } from "../../shared/model/event.ts";
import type { RunReport, RunResult } from "../../shared/model/job.ts";
import type { Book, JobState } from "./book.ts";

export interface JobEvent {
  readonly kind: EventKind & ("run_begun" | "run_ended" | "run_skipped" | "suspended" | "resumed");
  readonly subject: EventSubject;
  readonly message: string;
}

/** In order; of times at which nothing was run for one reason the first alone is told. */
export function jobEvents(before: Book, after: Book): JobEvent[] {
  const events: JobEvent[] = [];
  for (const [service, state] of after) {
    const old = before.get(service);
    if (old !== state) events.push(...eventsOf(old, state));
  }
  return events;
}

function eventsOf(old: JobState | undefined, state: JobState): JobEvent[] {
  const events: JobEvent[] = [];
  const say = (kind: JobEvent["kind"], message: string, run?: RunReport) =>
    events.push({
      kind,
      subject: {
        project: state.projectName,
        service: state.serviceName,
        slot: null,
        deployment: run?.deployment ?? null,
      },
      message,
    });
  const known = new Map(
    (old?.active ?? []).map(({ report }) => [report.deployment, report] as const),
  );
  // What ends makes way for what begins.
  for (const { report } of state.active) {
    if (report.endedAt !== null && known.get(report.deployment)?.endedAt === null) {
      say("run_ended", endText(report), report);
    }
  }
  for (const { report } of state.active) {
    if (!known.has(report.deployment)) say("run_begun", beginText(report), report);
  }
  const { skipped } = state;
  const first = skipped !== null &&
    (skipped.count === 1 || skipped.reason.code !== old?.skipped?.reason.code);
  if (first && skipped !== old?.skipped) {
    const at = momentOf(skipped.scheduledFor);
    say("run_skipped", `nothing is run for ${at}: ${skipped.reason.message}`);
  }
  if (state.suspended === true && old?.suspended !== true) {
    say("suspended", "a person keeps it from being run by the clock");
  }
  if (state.suspended !== true && old?.suspended === true) {
    say("resumed", "it is run by the clock again");
  }
  return events;
}

function beginText({ number, trigger, scheduledFor }: RunReport): string {
  const at = scheduledFor === null ? "" : ` ${momentOf(scheduledFor)}`;
  switch (trigger) {
    case "schedule":
      return `run ${number} begins: it was due at${at}`;
    case "missed":
      return `run ${number} begins, late: it was due at${at}`;
    case "person":
      return `run ${number} begins: a person asked for it`;
    case "retry":
      return `run ${number} begins: the one before failed and is tried again`;
  }
}

const RESULT: Readonly<Record<RunResult, string>> = {
  succeeded: "succeeded",
  failed: "failed",
  timed_out: "is ended, its time is over",
  replaced: "is ended, another takes its place",
  stopped: "is ended",
  lost: "is lost",
};

function endText({ number, result, reason }: RunReport): string {
  const how = result === null ? "is over" : RESULT[result];
  return `run ${number} ${how}${reason === null ? "" : `: ${reason.message}`}`;
}

function momentOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ") + " UTC";
}
