/** Jobs and their runs as people read them. */
import type { z } from "zod";
import type { JobView } from "../../shared/api/views.ts";
import type { RunReport, RunResult } from "../../shared/model/job.ts";
import { printable, type Tone } from "../terminal.ts";
import type { Cell, Column } from "./table.ts";
import { agoText, inText, reasonText, zonedText } from "./words.ts";

type Job = z.infer<typeof JobView>;
type Run = z.infer<typeof RunReport>;

/** What colour a run's result is shown in. */
export function resultTone(result: RunResult): Tone {
  switch (result) {
    case "succeeded":
      return "good";
    case "failed":
    case "timed_out":
    case "lost":
      return "bad";
    case "replaced":
    case "stopped":
      return "dim";
  }
}

/** How a run is, in one word or two. */
export function runState(run: Run): Cell {
  if (run.result !== null) return { text: run.result, tone: resultTone(run.result) };
  return { text: run.startedAt === null ? "waiting" : "running", tone: "busy" };
}

/** Who keeps it from being run. */
export function suspendedText(by: NonNullable<Job["suspended"]>): string {
  switch (by) {
    case "file":
      return "suspended in its file";
    case "person":
      return "suspended by a person";
  }
}

/** When it runs next. */
export function nextText(job: Job, now: number): string {
  if (job.suspended !== null) return suspendedText(job.suspended);
  return job.next === null ? "" : `${zonedText(job.next, job.timeZone)} (${inText(job.next, now)})`;
}

/** What a person should know of it beside its last run. */
function whyOf({ active, last, skipped }: Job): string {
  const waits = active.find(({ reason }) => reason !== null);
  if (waits !== undefined) return `run ${waits.number}: ${reasonText(waits.reason)}`;
  if (skipped !== null) return skippedText(skipped);
  return reasonText(last?.reason ?? null);
}

/** What passed without a run. */
export function skippedText({ count, reason }: NonNullable<Job["skipped"]>): string {
  const times = count === 1 ? "one time" : `${count} times`;
  return `skipped ${times}: ${reason.message}`;
}

/** Columns of jobs. */
export function jobColumns(now: number): readonly Column<Job>[] {
  return [
    { title: "PROJECT", cell: (row) => row.project },
    { title: "JOB", cell: (row) => row.name },
    { title: "SCHEDULE", cell: (row) => row.schedule ?? "" },
    { title: "ZONE", cell: (row) => (row.schedule === null ? "" : row.timeZone) },
    { title: "LAST", cell: ({ last }) => agoText(last?.startedAt ?? last?.begunAt ?? null, now) },
    { title: "RESULT", cell: ({ last }) => (last === null ? "" : runState(last)) },
    { title: "NEXT", cell: (row) => nextText(row, now) },
    { title: "ACTIVE", cell: ({ active }) => String(active.length) },
    { title: "WHY", cell: whyOf },
  ];
}

/** One line for `describe service`. */
export function jobLines(job: Job, now: number): string[] {
  const { last, active } = job;
  const lines = [];
  if (job.schedule !== null) {
    lines.push(
      `runs at ${job.schedule} in ${job.timeZone}; next: ${nextText(job, now) || "never"}`,
    );
  }
  for (const run of active) lines.push(`run ${run.number} is under way (${runState(run).text})`);
  if (last !== null) {
    const code = last.exitCode === null ? "" : ` with exit code ${last.exitCode}`;
    const ago = last.endedAt === null ? "" : `, ${agoText(last.endedAt, now)} ago`;
    lines.push(`run ${last.number}, the last: ${last.result}${code}${ago}`);
  }
  return lines.map(printable);
}
