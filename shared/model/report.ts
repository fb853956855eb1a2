/** What a node says of itself after every turn of its loop. Facts only: what is observed never overwrites what is wanted. */
import { z } from "zod";
import { DiskReport } from "./disk.ts";
import { DeploymentId, NodeId, PinId, ProjectId, VolumeId } from "./ids.ts";
import { KernelLimits } from "./limits.ts";
import { JobReport } from "./job.ts";
import { Epoch } from "./manifest.ts";
import { Instant, Reason, ReportedVerdict } from "./verdict.ts";

/** The stages of a deployment, in the order of a good life, then the special ones; `scheduled`: a job at rest between its runs. */
export const STAGES = [
  "pending",
  "pulling",
  "starting",
  "healthy",
  "dns_updating",
  "traefik_updating",
  "stopping_old",
  "running",
  "scheduled",
  "unknown",
  "stopped",
  "completed",
  "failed",
  "rolled_back",
] as const;
export const Stage = z.enum(STAGES);
export type Stage = z.infer<typeof Stage>;

export const Health = z.enum(["starting", "healthy", "unhealthy", "none"]);
export type Health = z.infer<typeof Health>;

/** Its limits, and how often it came to them since its start. */
export const KernelReport = z.strictObject({
  limits: KernelLimits,
  /** Processes that it could not start because it had as many as it may. */
  refusedProcesses: z.int().nonnegative(),
  /** Processes of it that the kernel killed for want of memory, and it lived on. */
  memoryKills: z.int().nonnegative(),
});
export type KernelReport = z.infer<typeof KernelReport>;

export const DeploymentReport = z.strictObject({
  id: DeploymentId,
  stage: Stage,
  /** Why it is in this stage, where that is not plain. */
  reason: Reason.nullable(),
  health: Health,
  /** The container's state in Podman's words; null: there is none. */
  container: z.strictObject({
    id: z.string(),
    state: z.string(),
    exitCode: z.int().nullable(),
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
  }).nullable(),
  restarts: z.int().nonnegative(),
  /** Progress of a pull, in words. */
  pull: z.string().nullable(),
  /** What the kernel says of it while it runs; absent: nothing. */
  kernel: KernelReport.exactOptional(),
  /** Do names lead to it? Absent: an agent of before told it not. */
  named: z.boolean().exactOptional(),
});
export type DeploymentReport = z.infer<typeof DeploymentReport>;

export const RouteReport = z.strictObject({
  project: ProjectId,
  id: z.string(),
  live: z.boolean(),
  /** Addresses (`ip:port`) that serve it now. */
  servers: z.array(z.string()),
  /** Why it is left out or has no server. */
  reason: Reason.nullable(),
});
export type RouteReport = z.infer<typeof RouteReport>;

export const Report = z.strictObject({
  node: NodeId,
  /** Rises with each report of this agent's life; `bootId` tells lives apart. */
  bootId: z.string(),
  sequence: z.int().nonnegative(),
  at: Instant,
  agent: z.strictObject({ version: z.string(), features: z.array(z.string()) }),
  epoch: Epoch.nullable(),
  /** The manifest revision that this report is about; null: none yet. */
  revision: z.int().nonnegative().nullable(),
  state: z.enum(["idle", "processing"]),
  verdicts: z.array(ReportedVerdict),
  deployments: z.array(DeploymentReport),
  routes: z.array(RouteReport),
  volumes: z.array(z.strictObject({ id: VolumeId, engineName: z.string(), present: z.boolean() })),
  /** What references were resolved to by pulls on this node. */
  images: z.array(z.strictObject({
    pin: PinId,
    reference: z.string(),
    digest: z.string().nullable(),
    id: z.string(),
  })),
  /** Container addresses in use on the node, whatever their origin. */
  addresses: z.array(z.ipv4()),
  /** The disk that the node's home lies on; null: it cannot be looked at. */
  disk: DiskReport.nullable().exactOptional(),
  /** Jobs that have anything to tell; absent: an agent that knows none. */
  jobs: z.array(JobReport).exactOptional(),
  /** The node's time zone, which schedules without one go by. */
  timeZone: z.string().exactOptional(),
  ingress: z.strictObject({ httpPort: z.int(), httpsPort: z.int(), live: z.boolean() }).nullable(),
});
export type Report = z.infer<typeof Report>;
