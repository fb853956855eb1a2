/** Operations on what is measured; a part of ENDPOINTS. */
import { z } from "zod";
import { LatestView, MetricsView } from "../model/metrics.ts";
import { ProjectName, ServiceName } from "../model/service_spec.ts";
import { endpoint } from "./endpoint.ts";

const moment = z.string().regex(/^\d{1,15}$/, "milliseconds since 1970");

/** Absent: the last hour, in 360 points. */
export const MetricsQuery = z.object({
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  /** At most so many; 1,000 are the most. */
  points: z.string().regex(/^\d{1,4}$/).exactOptional(),
});

export const METRICS_ENDPOINTS = {
  nodeMetrics: endpoint({
    method: "GET",
    path: "/api/v1/nodes/{node}/metrics",
    scope: "read",
    object: "node",
    summary: "What a node has used, as evenly spaced points; null where nothing was measured",
    params: z.object({ node: z.string().min(1).max(100) }),
    query: MetricsQuery,
    body: null,
    answer: { status: 200, json: MetricsView },
  }),
  serviceMetrics: endpoint({
    method: "GET",
    path: "/api/v1/projects/{name}/services/{service}/metrics",
    scope: "read",
    object: "project",
    summary: "What the containers of a service have used, each slot's series by its label",
    params: z.object({ name: ProjectName, service: ServiceName }),
    query: MetricsQuery,
    body: null,
    answer: { status: 200, json: MetricsView },
  }),
  latestMetrics: endpoint({
    method: "GET",
    path: "/api/v1/metrics/latest",
    scope: "read",
    object: "filtered",
    summary: "What the node and every running container uses now",
    params: z.object({}),
    query: z.object({ project: ProjectName.exactOptional() }),
    body: null,
    answer: { status: 200, json: LatestView },
  }),
} as const;
