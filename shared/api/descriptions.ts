/** What `describe` shows of one thing: what is wanted, what is, and why these differ. */
import { z } from "zod";
import { DeploymentId, ReleaseId } from "../model/ids.ts";
import { Sha256 } from "../model/hash.ts";
import { RunReport } from "../model/job.ts";
import { Schedule } from "../model/schedule.ts";
import { ServiceName } from "../model/service_spec.ts";
import { Instant, ReportedVerdict } from "../model/verdict.ts";
import {
  ChangeView,
  ContainerView,
  JobView,
  NetworkView,
  NodeView,
  ProjectView,
  ReleaseLine,
  RouteView,
  ServiceView,
  VolumeView,
} from "./views.ts";

/** One field of a wanted spec, in words; values of variables are redacted. */
const WantedField = z.object({ field: z.string(), value: z.string() });
/** Everything that the node said about it and is not converged. */
const why = z.array(ReportedVerdict);

/** Everything about one service. */
export const ServiceDescription = z.object({
  service: ServiceView,
  release: ReleaseId,
  wanted: z.array(WantedField),
  slots: z.array(ContainerView),
  why,
  routes: z.array(RouteView),
  volumes: z.array(VolumeView),
  changes: z.array(ChangeView),
  /** Where it has runs of its own. */
  job: JobView.exactOptional(),
});
export type ServiceDescription = z.infer<typeof ServiceDescription>;

/** Everything about one job. */
export const JobDescription = z.object({
  job: JobView,
  /** Null: it does not run by the clock. */
  settings: Schedule.nullable(),
  /** The next times of its schedule. */
  times: z.array(Instant),
  /** Under way and ended ones, newest first. */
  runs: z.array(RunReport),
});
export type JobDescription = z.infer<typeof JobDescription>;

export const ContainerDescription = z.object({
  container: ContainerView,
  release: ReleaseId,
  specHash: Sha256,
  createdAt: Instant,
  /** The deployment whose place it takes. */
  replaces: DeploymentId.nullable(),
  wanted: z.array(WantedField),
  why,
});
export type ContainerDescription = z.infer<typeof ContainerDescription>;

export const NodeDescription = z.object({
  node: NodeView,
  /** Also what concerns single containers. */
  why,
  containers: z.array(ContainerView),
  volumes: z.array(VolumeView),
});
export type NodeDescription = z.infer<typeof NodeDescription>;

export const VolumeDescription = z.object({
  volume: VolumeView,
  mounts: z.array(z.object({
    service: ServiceName,
    slot: z.int().positive(),
    target: z.string(),
    readOnly: z.boolean(),
    subpath: z.string().nullable(),
  })),
  containers: z.array(ContainerView),
  why,
});
export type VolumeDescription = z.infer<typeof VolumeDescription>;

export const RouteDescription = z.object({
  route: RouteView,
  /** CIDRs that may use it; empty: everyone. */
  allow: z.array(z.string()),
  /** Of its service. */
  containers: z.array(ContainerView),
  why,
});
export type RouteDescription = z.infer<typeof RouteDescription>;

export const NetworkDescription = z.object({
  network: NetworkView,
  members: z.array(z.object({
    project: z.string(),
    service: ServiceName,
    slot: z.int().positive(),
    addresses: z.array(z.string()),
    /** Further names that it answers to on this network alone. */
    aliases: z.array(z.string()),
    container: ContainerView,
  })),
  why,
});
export type NetworkDescription = z.infer<typeof NetworkDescription>;

export const ProjectDescription = z.object({
  project: ProjectView,
  services: z.array(ServiceView),
  volumes: z.array(VolumeView),
  routes: z.array(RouteView),
  networks: z.array(NetworkView),
  /** The newest first. */
  releases: z.array(ReleaseLine),
  why,
  changes: z.array(ChangeView),
});
export type ProjectDescription = z.infer<typeof ProjectDescription>;
