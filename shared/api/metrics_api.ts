/** The client's calls on what is measured. */
import type { LatestView, MetricsView } from "../model/metrics.ts";
import { METRICS_ENDPOINTS } from "./metrics_endpoints.ts";
import type { ApiCalls } from "./calls.ts";

/** Absent: the last hour. */
export interface MetricsRange {
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
  readonly points?: number;
}

export interface MetricsApi {
  nodeMetrics(node: string, range?: MetricsRange): Promise<MetricsView>;
  serviceMetrics(project: string, service: string, range?: MetricsRange): Promise<MetricsView>;
  latestMetrics(project?: string): Promise<LatestView>;
}

const text = (value: number | undefined) => value === undefined ? undefined : String(value);

export function metricsApi({ json }: Pick<ApiCalls, "json">): MetricsApi {
  const queryOf = ({ from, to, points }: MetricsRange) => ({
    from: text(from),
    to: text(to),
    points: text(points),
  });
  const { nodeMetrics, serviceMetrics, latestMetrics } = METRICS_ENDPOINTS;
  return {
    nodeMetrics: (node, range = {}) =>
      json(nodeMetrics, { params: { node }, query: queryOf(range) }),
    serviceMetrics: (name, service, range = {}) =>
      json(serviceMetrics, { params: { name, service }, query: queryOf(range) }),
    latestMetrics: (project) => json(latestMetrics, { query: { project } }),
  };
}
