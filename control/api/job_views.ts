/** What is told of jobs, made from what is wanted and reported. */
import type { JobDescription } from "../../shared/api/descriptions.ts";
import type { JobView } from "../../shared/api/views.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { JobReport } from "../../shared/model/job.ts";
import { nextTimes } from "../../shared/schedule/cron.ts";
import type { Context } from "../context.ts";
import { zoneOf } from "../status/zone.ts";
import { noService } from "./no_service.ts";
import { type Shown, shownDeployments } from "./views.ts";

/** How many of the next times are told. */
const TIMES = 5;

function reportOf(context: Context, { row }: Shown): JobReport | null {
  const jobs = context.store.observed.node(row.nodeId)?.report.jobs ?? [];
  return jobs.find((each) => each.service === row.serviceId) ?? null;
}

function suspension({ revision }: Shown, report: JobReport | null): JobView["suspended"] {
  if (revision.spec.schedule?.suspended === true) return "file";
  return report?.suspended === true ? "person" : null;
}

function timesOf(
  context: Context,
  shown: Shown,
  report: JobReport | null,
  count: number,
): number[] {
  const { schedule } = shown.revision.spec;
  if (schedule === undefined || suspension(shown, report) !== null) return [];
  const timeZone = schedule.timeZone ?? zoneOf(context, shown.row.nodeId);
  return nextTimes({ cron: schedule.cron, timeZone }, context.clock.now(), count);
}

function jobView(context: Context, shown: Shown, report: JobReport | null): JobView {
  const { schedule } = shown.revision.spec;
  const runs = report?.runs ?? [];
  return {
    project: shown.project.name,
    service: shown.service.id,
    name: shown.service.name,
    schedule: schedule?.cron ?? null,
    timeZone: schedule?.timeZone ?? zoneOf(context, shown.row.nodeId),
    overlap: schedule?.overlap ?? null,
    suspended: suspension(shown, report),
    next: timesOf(context, shown, report, 1)[0] ?? null,
    active: runs.filter(({ endedAt }) => endedAt === null),
    last: runs.find(({ endedAt }) => endedAt !== null) ?? null,
    skipped: report?.skipped ?? null,
  };
}

/** Of each service what is wanted of it now. */
function leading(context: Context, project?: string): Shown[] {
  const found = new Map<string, Shown>();
  for (const shown of shownDeployments(context, project)) {
    if (shown.row.want === "absent") continue;
    const before = found.get(shown.service.id);
    if (before === undefined || before.row.want !== "run") found.set(shown.service.id, shown);
  }
  return [...found.values()];
}

/** Services that run by the clock, and those of which a node tells runs. */
export function jobViews(context: Context, project?: string): JobView[] {
  return leading(context, project).flatMap((shown) => {
    const report = reportOf(context, shown);
    const isJob = shown.revision.spec.schedule !== undefined || report !== null;
    return isJob ? [jobView(context, shown, report)] : [];
  });
}

/** Everything about one job. */
export function describeJob(context: Context, project: string, name: string): JobDescription {
  const shown = leading(context, project).find((each) => each.service.name === name);
  if (shown === undefined) throw noService(project, name);
  const report = reportOf(context, shown);
  return {
    job: jobView(context, shown, report),
    settings: shown.revision.spec.schedule ?? null,
    times: timesOf(context, shown, report, TIMES),
    runs: report?.runs ?? [],
  };
}

/** The deployment of a run of a service, by its number. */
export function deploymentOfRun(
  context: Context,
  project: string,
  service: string,
  number: number,
): DeploymentId {
  const run = describeJob(context, project, service).runs.find((each) => each.number === number);
  if (run !== undefined) return run.deployment;
  throw new SkerryError(
    "not_found",
    `service "${service}" has no run ${number} that is remembered`,
    `\`skerry describe job ${service}\` lists those that are.`,
  );
}
