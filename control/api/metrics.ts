/** What is measured, asked of the nodes that keep it. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { MetricSubject } from "../../shared/model/metrics.ts";
import type { Context } from "../context.ts";
import { noService } from "./no_service.ts";
import { answerJson, route } from "./route.ts";
import { firstNode, linkOf } from "./sessions.ts";
import { nodeViews } from "./views.ts";

const HOUR_MS = 3_600_000;
const POINTS = 360;

interface Query {
  readonly from?: string;
  readonly to?: string;
  readonly points?: string;
}

/** The range that is asked for; without a word the last hour. */
function rangeOf(context: Context, query: Query) {
  const to = query.to === undefined ? context.clock.now() : Number(query.to);
  const from = query.from === undefined ? Math.max(0, to - HOUR_MS) : Number(query.from);
  if (from >= to) {
    throw new SkerryError(
      "bad_request",
      `the range begins at ${from} and ends at ${to}`,
      "Give ?from= and ?to= in milliseconds since 1970, the earlier first.",
    );
  }
  const points = Math.max(1, Number(query.points ?? POINTS));
  return { from, to, points };
}

function ask(context: Context, node: Parameters<typeof linkOf>[1], subject: MetricSubject) {
  return async (query: Query, signal: AbortSignal) =>
    await linkOf(context, node).metrics({ subject, ...rangeOf(context, query) }, signal);
}

export const metricsRoutes = {
  nodeMetrics: route(ENDPOINTS.nodeMetrics, async (context, { params, query, request }) => {
    const node = nodeViews(context).find(({ name, id }) =>
      name === params.node || id === params.node
    );
    if (node === undefined) {
      throw new SkerryError(
        "not_found",
        `there is no node "${params.node}"`,
        "`skerry get nodes` lists those that there are.",
      );
    }
    const read = ask(context, node.id, { kind: "node" });
    return answerJson(ENDPOINTS.nodeMetrics, await read(query, request.signal));
  }),
  serviceMetrics: route(ENDPOINTS.serviceMetrics, async (context, { params, query, request }) => {
    const project = context.store.projects.byName(params.name);
    const services = project === null ? [] : context.store.services.list(project.id);
    if (project === null || !services.some(({ name }) => name === params.service)) {
      throw noService(params.name, params.service);
    }
    const subject = { kind: "service" as const, project: project.id, service: params.service };
    const read = ask(context, firstNode(context), subject);
    return answerJson(ENDPOINTS.serviceMetrics, await read(query, request.signal));
  }),
  latestMetrics: route(ENDPOINTS.latestMetrics, async (context, { query, request, sight }) => {
    const id = firstNode(context);
    const { at, node, containers } = await linkOf(context, id).latestMetrics(request.signal);
    return answerJson(ENDPOINTS.latestMetrics, {
      at,
      node: nodeViews(context).find((each) => each.id === id)?.name ?? id,
      ...node,
      containers: containers
        .map(({ projectName, service, slot, values, bounds }) => ({
          project: projectName,
          service,
          slot,
          values,
          bounds,
        }))
        .filter(({ project }) =>
          sight.project(project) && (query.project === undefined || query.project === project)
        ),
    });
  }),
};
