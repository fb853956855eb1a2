/** What `get` and `describe` show: facts beside what is wanted. */
import { z } from "zod";
import { DiskReport } from "../model/disk.ts";
import { DeploymentId, NodeId, ProjectId, ReleaseId, ServiceId, VolumeId } from "../model/ids.ts";
import { ComparedLimit } from "../model/limits.ts";
import { RunReport, SkippedRuns } from "../model/job.ts";
import { Health, Stage } from "../model/report.ts";
import { Overlap } from "../model/schedule.ts";
import { ServiceName } from "../model/service_spec.ts";
import { Instant, Reason, ReportedVerdict } from "../model/verdict.ts";
import { listOf } from "./page.ts";
import { ReleaseState } from "./release.ts";

export const ProjectView = z.object({
  id: ProjectId,
  name: z.string(),
  createdAt: Instant,
  /** Newest release; null only before the first. */
  release: ReleaseId.nullable(),
  releaseState: ReleaseState.nullable(),
  /** Its newest release is a delete: volumes and secrets are all that is left. */
  deleted: z.boolean(),
  services: z.int().nonnegative(),
  sourceFolder: z.string().nullable(),
});
export type ProjectView = z.infer<typeof ProjectView>;
export const ProjectList = listOf(ProjectView);

export const ImageView = z.object({
  reference: z.string(),
  digest: z.string().nullable(),
  id: z.string().nullable(),
});
export type ImageView = z.infer<typeof ImageView>;

export const ServiceView = z.object({
  id: ServiceId,
  project: z.string(),
  name: ServiceName,
  kind: z.enum(["service", "job"]),
  image: ImageView,
  slots: z.object({
    wanted: z.int().nonnegative(),
    /** With a container that runs. */
    running: z.int().nonnegative(),
    /** With one that is up: it runs, and its checks, where it has any, say that it is well. */
    ready: z.int().nonnegative(),
  }),
  /** Of the slot that is furthest from well. */
  stage: Stage,
  health: Health,
  reason: Reason.nullable(),
  /** Such as `http://10.0.0.5:8080/`. */
  urls: z.array(z.string()),
  /** Published ports as `host:port->port/tcp`. */
  ports: z.array(z.string()),
});
export type ServiceView = z.infer<typeof ServiceView>;
export const ServiceList = listOf(ServiceView);

export const ContainerView = z.object({
  deployment: DeploymentId,
  project: z.string(),
  service: ServiceName,
  slot: z.int().positive(),
  kind: z.enum(["service", "job"]),
  want: z.enum(["run", "retire", "absent"]),
  node: z.string(),
  name: z.string(),
  image: ImageView,
  addresses: z.array(z.string()),
  stage: Stage,
  health: Health,
  reason: Reason.nullable(),
  pull: z.string().nullable(),
  container: z.object({
    id: z.string(),
    state: z.string(),
    exitCode: z.int().nullable(),
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
  }).nullable(),
  restarts: z.int().nonnegative(),
  /** As they are wished, and as the kernel has them while it runs. */
  limits: z.array(ComparedLimit),
  /** Of this start: processes that it could not begin, being at its limit of them. */
  refusedProcesses: z.int().nonnegative(),
  /** Of this start: processes of it that the kernel killed for want of memory, while it lived on. */
  memoryKills: z.int().nonnegative(),
});
export type ContainerView = z.infer<typeof ContainerView>;
export const ContainerList = listOf(ContainerView);

export const NodeView = z.object({
  id: NodeId,
  name: z.string(),
  containerSubnet: z.string(),
  createdAt: Instant,
  lastReportAt: Instant.nullable(),
  /** Reported within the last minute. */
  online: z.boolean(),
  agentVersion: z.string().nullable(),
  /** Revision of its intent, and the one that its last report was about. */
  revision: z.int().nonnegative(),
  reportedRevision: z.int().nonnegative().nullable(),
  state: z.enum(["idle", "processing"]).nullable(),
  /** The disk that its home lies on, as last reported; null: not known. */
  disk: DiskReport.nullable(),
  ingress: z.object({ httpPort: z.int(), httpsPort: z.int(), live: z.boolean() }).nullable(),
  /** What is not as wished on the node as a whole. */
  verdicts: z.array(ReportedVerdict),
});
export type NodeView = z.infer<typeof NodeView>;
export const NodeList = listOf(NodeView);

export const VolumeView = z.object({
  id: VolumeId,
  project: z.string(),
  name: z.string(),
  /** Its name in Podman. */
  engineName: z.string(),
  node: z.string(),
  state: z.enum(["ready", "moving", "restoring"]),
  present: z.boolean(),
  createdAt: Instant,
  /** Services that mount it now. */
  services: z.array(ServiceName),
});
export type VolumeView = z.infer<typeof VolumeView>;
export const VolumeList = listOf(VolumeView);

export const RouteView = z.object({
  project: z.string(),
  id: z.string(),
  service: ServiceName,
  host: z.string().nullable(),
  path: z.string(),
  port: z.int(),
  tls: z.enum(["both", "redirect", "off"]),
  urls: z.array(z.string()),
  live: z.boolean(),
  servers: z.array(z.string()),
  reason: Reason.nullable(),
});
export type RouteView = z.infer<typeof RouteView>;
export const RouteList = listOf(RouteView);

export const SecretView = z.object({
  /** Null: for every project that has none of that name itself. */
  project: z.string().nullable(),
  name: z.string(),
  version: z.string(),
  versions: z.int().positive(),
  changedAt: Instant,
  /** Projects whose services use it. */
  usedBy: z.array(z.string()),
  /** For If-Match, where it is to be changed only if nobody else changed it. */
  etag: z.string(),
});
export type SecretView = z.infer<typeof SecretView>;
export const SecretList = listOf(SecretView);

/** One line of the log of who changed what. */
export const ChangeView = z.object({
  /** Counts up. */
  seq: z.int().positive(),
  at: Instant,
  /** Such as `root via socket`. */
  who: z.string(),
  /** Such as `release.create`. */
  action: z.string(),
  project: z.string().nullable(),
  subject: z.string(),
  /** In plain words. */
  summary: z.string(),
});
export type ChangeView = z.infer<typeof ChangeView>;
export const ChangeList = listOf(ChangeView);

export const NetworkView = z.object({
  /** `project/network`, or `*` and the name of one that projects share. */
  key: z.string(),
  name: z.string(),
  /** Projects that have it in their files, sorted. */
  projects: z.array(z.string()),
  /** Without a way out. */
  internal: z.boolean(),
  /** Services on it now, as `project/service`, sorted. */
  services: z.array(z.string()),
});
export type NetworkView = z.infer<typeof NetworkView>;
export const NetworkList = listOf(NetworkView);

/** One release of a project's history. */
export const ReleaseLine = z.object({
  id: ReleaseId,
  project: z.string(),
  /** Counts up within the project. */
  number: z.int().positive(),
  at: Instant,
  by: z.string(),
  deletes: z.boolean(),
  state: ReleaseState,
  reason: Reason.nullable(),
});
export type ReleaseLine = z.infer<typeof ReleaseLine>;
export const ReleaseList = listOf(ReleaseLine);

/** A job: a service that runs by the clock, or one of which runs are told that a person began. */
export const JobView = z.object({
  project: z.string(),
  service: ServiceId,
  name: ServiceName,
  /** In cron's words; null: it does not run by the clock. */
  schedule: z.string().nullable(),
  timeZone: z.string(),
  overlap: Overlap.nullable(),
  /** Who keeps it from being run by the clock: its `file`, or a `person`; null: nobody. */
  suspended: z.enum(["file", "person"]).nullable(),
  /** Null: none by the clock. */
  next: Instant.nullable(),
  /** Newest first. */
  active: z.array(RunReport),
  /** The run that ended last. */
  last: RunReport.nullable(),
  skipped: SkippedRuns.nullable(),
});
export type JobView = z.infer<typeof JobView>;
export const JobList = listOf(JobView);

export const VersionView = z.object({ version: z.string(), api: z.literal("v1") });
export type VersionView = z.infer<typeof VersionView>;
