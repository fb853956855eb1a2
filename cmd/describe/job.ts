/** A job as people read it: its schedule, its next times and its runs. */
import type { JobDescription } from "../../shared/api/descriptions.ts";
import type { RunReport } from "../../shared/model/job.ts";
import { resultTone, runState, skippedText, suspendedText } from "../output/jobs.ts";
import type { Column } from "../output/table.ts";
import { inText, reasonText, spanText, zonedText } from "../output/words.ts";
import { printable } from "../terminal.ts";
import { eventSection, type Pen, section, tableSection, textOf } from "./sections.ts";

/** Since when, for runs that lasted: of ended ones from start to end. */
function lasted({ startedAt, endedAt }: RunReport, now: number): string {
  return startedAt === null ? "" : spanText((endedAt ?? now) - startedAt);
}

function runColumns(timeZone: string, now: number): readonly Column<RunReport>[] {
  return [
    { title: "RUN", cell: (run) => String(run.number) },
    { title: "BY", cell: (run) => run.trigger },
    {
      title: "FOR",
      cell: ({ scheduledFor }) => (scheduledFor === null ? "" : zonedText(scheduledFor, timeZone)),
    },
    {
      title: "STARTED",
      cell: ({ startedAt }) => (startedAt === null ? "" : zonedText(startedAt, timeZone)),
    },
    { title: "TOOK", cell: (run) => lasted(run, now) },
    { title: "RESULT", cell: runState },
    { title: "EXIT", cell: (run) => run.exitCode?.toString() ?? "" },
    { title: "WHY", cell: (run) => reasonText(run.reason) },
  ];
}

function settingLines({ settings, job }: JobDescription): string[] {
  if (settings === null) return ["it does not run by the clock"];
  const { overlap, missed, missedWithinMs, timeoutMs, retries, history } = settings;
  const within = missedWithinMs === undefined ? "" : ` within ${spanText(missedWithinMs)}`;
  return [
    `schedule   ${settings.cron} in ${job.timeZone}`,
    `overlap    ${overlap}`,
    `missed     ${missed}${within}`,
    `timeout    ${timeoutMs === undefined ? "none" : spanText(timeoutMs)}`,
    `retries    ${retries}`,
    `history    ${history.successful} successful, ${history.failed} others`,
  ].map(printable);
}

/** The run whose last lines tell most: the newest that ended badly, else the newest that ended. */
export function runToLookAt({ runs }: JobDescription): RunReport | null {
  const ended = runs.filter(({ result }) => result !== null);
  const bad = ended.find(({ result }) => result !== null && resultTone(result) === "bad");
  return bad ?? ended[0] ?? null;
}

/** The text of a description. */
export function jobText(of: JobDescription, pen: Pen): string {
  const { job, runs, times } = of;
  const { now, paint } = pen;
  const running = job.active.length > 0 ? "running" : "at rest";
  const state = job.suspended === null ? running : suspendedText(job.suspended);
  const shown = runToLookAt(of);
  return textOf([
    `${paint("strong", `${job.project}/${job.name}`)} (job): ${state}`,
    ...settingLines(of).map((line) => `  ${line}`),
    ...section(
      pen,
      "Next",
      times.map((at) => `${zonedText(at, job.timeZone)} (${inText(at, now)})`),
    ),
    ...section(pen, "Skipped", job.skipped === null ? [] : [printable(skippedText(job.skipped))]),
    ...(runs.length === 0
      ? section(pen, "Runs", ["none yet"])
      : tableSection(pen, "Runs", runColumns(job.timeZone, now), runs)),
    ...section(pen, `Last lines of run ${shown?.number ?? 0}`, pen.log),
    ...eventSection(pen),
  ]);
}
