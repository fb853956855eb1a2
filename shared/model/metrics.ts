/** What is measured on a node, and what is told of it. */
import { z } from "zod";
import { ProjectId } from "./ids.ts";
import { Instant } from "./verdict.ts";

export const MetricUnit = z.enum(["cores", "bytes", "bytes_per_second"]);
export type MetricUnit = z.infer<typeof MetricUnit>;

/** In the order of the columns on disk: new ones go to the end. */
export const METRIC_NAMES = [
  "cpu",
  "memory",
  "network_rx",
  "network_tx",
  "disk_read",
  "disk_write",
  "disk_used",
] as const;
export const MetricName = z.enum(METRIC_NAMES);
export type MetricName = z.infer<typeof MetricName>;

export const METRIC_UNITS: Readonly<Record<MetricName, MetricUnit>> = {
  cpu: "cores",
  memory: "bytes",
  network_rx: "bytes_per_second",
  network_tx: "bytes_per_second",
  disk_read: "bytes_per_second",
  disk_write: "bytes_per_second",
  disk_used: "bytes",
};

/** The most points that one series of an answer has. */
export const MOST_POINTS = 1_000;

/** Of the node itself, or of every slot of a service. */
export type MetricSubject =
  | { readonly kind: "node" }
  | { readonly kind: "service"; readonly project: ProjectId; readonly service: string };

export interface MetricsRequest {
  readonly subject: MetricSubject;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Milliseconds since 1970; after `from`. */
  readonly to: number;
  /** At most so many, and no more than {@link MOST_POINTS}. */
  readonly points: number;
}

/** null: nothing was measured then. */
const Points = z.array(z.number().nullable());

/** A series: points evenly spaced, the first at the answer's `from`. */
export const MetricSeries = z.object({
  name: MetricName,
  unit: MetricUnit,
  labels: z.object({ slot: z.string().exactOptional() }),
  /** Mean over each step. */
  points: Points,
  /** The largest value within each step; absent where a step is one look. */
  peaks: Points.exactOptional(),
});
export type MetricSeries = z.infer<typeof MetricSeries>;

export const MetricsView = z.object({
  from: Instant,
  to: Instant,
  stepMs: z.int().positive(),
  series: z.array(MetricSeries),
});
export type MetricsView = z.infer<typeof MetricsView>;

/** One value of each; null: it is not known (yet). */
export const MetricValues = z.object({
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  network_rx: z.number().nullable(),
  network_tx: z.number().nullable(),
  disk_read: z.number().nullable(),
  disk_write: z.number().nullable(),
  disk_used: z.number().nullable(),
});
export type MetricValues = z.infer<typeof MetricValues>;

/** What there is at most; null: there is no bound. */
export const MetricBounds = z.object({
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  disk_used: z.number().nullable(),
});
export type MetricBounds = z.infer<typeof MetricBounds>;

/** A running container of a slot; during a rollout a slot may have two. */
export interface ContainerUse {
  readonly project: ProjectId;
  readonly projectName: string;
  readonly service: string;
  readonly slot: number;
  readonly values: MetricValues;
  readonly bounds: MetricBounds;
}

/** The last look at everything. */
export interface LatestMetrics {
  readonly at: Instant;
  readonly node: { readonly values: MetricValues; readonly bounds: MetricBounds };
  /** Sorted by project, service and slot. */
  readonly containers: readonly ContainerUse[];
}

/** As the API tells it: projects by name. */
export const LatestView = z.object({
  at: Instant,
  node: z.string(),
  values: MetricValues,
  bounds: MetricBounds,
  containers: z.array(z.object({
    project: z.string(),
    service: z.string(),
    slot: z.int().positive(),
    values: MetricValues,
    bounds: MetricBounds,
  })),
});
export type LatestView = z.infer<typeof LatestView>;

/** Nothing is known. */
export const NO_VALUES: MetricValues = {
  cpu: null,
  memory: null,
  network_rx: null,
  network_tx: null,
  disk_read: null,
  disk_write: null,
  disk_used: null,
};
