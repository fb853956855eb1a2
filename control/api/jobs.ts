/** Jobs: what is told of them, and runs that a person begins or ends. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { SkerryError } from "../../shared/errors.ts";
import { checkSession } from "../authz/reach.ts";
import type { Context } from "../context.ts";
import { describeJob, jobViews } from "./job_views.ts";
import { listRoute } from "./list_route.ts";
import { answerJson, answerNothing, readJson, route } from "./route.ts";
import { linkOf, runTarget, specOf } from "./sessions.ts";

/** Keeps a job from being run by the clock, or no more. */
async function suspend(
  context: Context,
  { name, service }: { readonly name: string; readonly service: string },
  on: boolean,
  by: string,
): Promise<void> {
  const { job } = describeJob(context, name, service);
  if (job.schedule === null) {
    throw new SkerryError(
      "not_scheduled",
      `service "${service}" is not run by the clock`,
      "`skerry get jobs` lists those that are.",
    );
  }
  if (job.suspended === "file") {
    throw new SkerryError(
      "suspended_in_file",
      `job "${service}" is suspended in its compose file`,
      "Change x-skerry.schedule.suspended there and apply.",
    );
  }
  const target = runTarget(context, name, service);
  await linkOf(context, target.nodeId).suspendJob(target.serviceId, on);
  context.store.changes.add({
    at: context.clock.now(),
    who: by,
    action: "run",
    project: name,
    subject: service,
    summary: on ? `${service} was suspended` : `${service} was resumed`,
  });
}

export const jobRoutes = {
  jobs: listRoute(ENDPOINTS.jobs, {
    rows: (context, { query, sight }) =>
      jobViews(context, query.project).filter((each) => sight.project(each.project)),
    key: ({ project, name, service }) => [project, name, service],
  }),
  describeJob: route(
    ENDPOINTS.describeJob,
    async (context, { params }) =>
      answerJson(ENDPOINTS.describeJob, describeJob(context, params.name, params.service)),
  ),
  startRun: route(ENDPOINTS.startRun, async (context, { params, request, caller, by }) => {
    const body = await readJson(request, ENDPOINTS.startRun.body);
    const target = runTarget(context, params.name, params.service);
    // As its schedule runs it anyway: that was released by who may.
    const { asJob, noDeps: _, ...others } = body;
    if (!asJob || Object.keys(others).length > 0) {
      checkSession(caller, params.service, specOf(context, target));
    }
    const link = linkOf(context, target.nodeId);
    const start = { ...body, deployment: target.id, tty: false, stdin: false };
    const run = await link.startRun(start, request.signal);
    context.store.changes.add({
      at: context.clock.now(),
      who: by,
      action: "run",
      project: params.name,
      subject: params.service,
      // Arguments may hold secrets; the program's name tells enough.
      summary: body.command === undefined
        ? `${params.service} began its run ${run.number}`
        : `${params.service} began "${body.command[0]?.slice(0, 200)}" as its run ${run.number}`,
    });
    return answerJson(ENDPOINTS.startRun, run);
  }),
  stopRun: route(ENDPOINTS.stopRun, async (context, { params, by }) => {
    const target = runTarget(context, params.name, params.service);
    await linkOf(context, target.nodeId).stopRun(target.serviceId, Number(params.number));
    context.store.changes.add({
      at: context.clock.now(),
      who: by,
      action: "run",
      project: params.name,
      subject: params.service,
      summary: `${params.service} had its run ${params.number} ended`,
    });
    return answerNothing();
  }),
  suspendJob: route(ENDPOINTS.suspendJob, async (context, { params, by }) => {
    await suspend(context, params, true, by);
    return answerNothing();
  }),
  resumeJob: route(ENDPOINTS.resumeJob, async (context, { params, by }) => {
    await suspend(context, params, false, by);
    return answerNothing();
  }),
};
