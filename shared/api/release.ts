/** Plan and release: what an apply sends and what it is told. */
import { z } from "zod";
import { ComposeModel } from "../compose/model.ts";
import { Sha256 } from "../model/hash.ts";
import { DeploymentId, ReleaseId } from "../model/ids.ts";
import { Health, Stage } from "../model/report.ts";
import { ServiceName } from "../model/service_spec.ts";
import { Instant, Reason } from "../model/verdict.ts";

const mode = z.int().min(0).max(0o7777);

/** A file or a read-only folder of the project that travels as blobs, by its absolute path where it was read. */
export const CarriedFile = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("file"), sha256: Sha256, mode }),
  z.strictObject({
    kind: z.literal("folder"),
    /** Relative paths, without `..`, sorted. */
    entries: z.array(z.strictObject({ path: z.string().min(1).max(4096), sha256: Sha256, mode }))
      .max(10_000),
  }),
]);
export type CarriedFile = z.infer<typeof CarriedFile>;

/** What a service's `build:` was built to on this node. */
export const BuiltImage = z.strictObject({
  imageId: z.string().regex(/^[0-9a-f]{64}$/),
  reference: z.string().min(1).max(512),
});
export type BuiltImage = z.infer<typeof BuiltImage>;

export const ComposePart = z.strictObject({
  model: ComposeModel,
  /**
   * By absolute path where it was read (binds of the project's folder, configs with `file`); a
   * config with `environment: VAR` travels as a file under the key `environment:VAR`.
   */
  files: z.record(z.string().regex(/^(\/|environment:)/), CarriedFile),
  builds: z.record(z.string(), BuiltImage),
  /** Absolute path of the folder that it was read from, on the machine of the one who applies. */
  sourceFolder: z.string().max(4096),
});
export type ComposePart = z.infer<typeof ComposePart>;

export const ReleaseParts = z.strictObject({ compose: ComposePart.exactOptional() });
export type ReleaseParts = z.infer<typeof ReleaseParts>;

export const ReleaseRequest = z.strictObject({
  /** The release that this one was made from; null: the project is new. A stale one is 409 `stale_parent`. Absent: whichever is the newest. */
  parent: ReleaseId.nullable().exactOptional(),
  /** Without parts it is a delete: containers, names, routes and addresses go. */
  parts: ReleaseParts,
  /** Values of `file:` and `environment:` secrets, base64; kept encrypted, never in the part. */
  secretValues: z.record(z.string(), z.base64()).exactOptional(),
  /** Ask the registries again what the references mean. */
  pull: z.boolean().exactOptional(),
  /** Only in a delete: the project's own name, typed by a person: volumes and secrets go too. */
  purge: z.string().exactOptional(),
});
export type ReleaseRequest = z.infer<typeof ReleaseRequest>;

/** A plan asks the same question and changes nothing. */
export const PlanRequest = ReleaseRequest;
export type PlanRequest = z.infer<typeof PlanRequest>;

export const Warning = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string().nullable(),
});
export type Warning = z.infer<typeof Warning>;

/** One field that differs; values of variables and secrets are never shown, only that they differ. */
export const FieldChange = z.object({
  field: z.string(),
  old: z.string().nullable(),
  new: z.string().nullable(),
});
export type FieldChange = z.infer<typeof FieldChange>;

export const ServicePlan = z.object({
  service: ServiceName,
  change: z.enum(["created", "changed", "unchanged", "removed"]),
  kind: z.enum(["service", "job"]),
  fields: z.array(FieldChange),
  slots: z.object({ old: z.int().nonnegative(), new: z.int().nonnegative() }),
  image: z.object({
    reference: z.string(),
    digest: z.string().nullable(),
    id: z.string().nullable(),
  }).nullable(),
  /** How a running container is replaced; null: nothing is replaced. */
  order: z.enum(["beside", "stop_first"]).nullable(),
  orderReason: z.string().nullable(),
  /** Of a job that runs by the clock: when, and its next times, none where it is suspended. */
  schedule: z.object({ cron: z.string(), timeZone: z.string(), times: z.array(Instant) })
    .exactOptional(),
});
export type ServicePlan = z.infer<typeof ServicePlan>;

export const PlanAnswer = z.object({
  project: z.string(),
  /** To hand in as `parent` of the release. */
  parent: ReleaseId.nullable(),
  /** Would a release change anything? */
  changes: z.boolean(),
  services: z.array(ServicePlan),
  volumes: z.array(
    z.object({ name: z.string(), change: z.enum(["created", "kept", "unused", "removed"]) }),
  ),
  routes: z.array(
    z.object({ route: z.string(), change: z.enum(["created", "changed", "unchanged", "removed"]) }),
  ),
  secrets: z.array(
    z.object({
      name: z.string(),
      change: z.enum(["created", "changed", "unchanged"]),
      /** Absent: a secret. */
      kind: z.literal("config").exactOptional(),
    }),
  ),
  warnings: z.array(Warning),
  /** To be PUT before the release. */
  missingBlobs: z.array(Sha256),
});
export type PlanAnswer = z.infer<typeof PlanAnswer>;

export const ReleaseAccepted = z.object({
  id: ReleaseId,
  warnings: z.array(Warning),
  /** False: the project was so already; the release is recorded and done. */
  changes: z.boolean(),
});
export type ReleaseAccepted = z.infer<typeof ReleaseAccepted>;

/**
 * `rolled_back`: a replacement was given up, the old ones serve on. `failed`: something that
 * replaces nothing did not come up, or a job failed. `superseded`: a newer release took over.
 */
export const ReleaseState = z.enum(["rolling", "done", "rolled_back", "failed", "superseded"]);
export type ReleaseState = z.infer<typeof ReleaseState>;

export const SlotProgress = z.object({
  service: ServiceName,
  slot: z.int().positive(),
  kind: z.enum(["service", "job"]),
  /** The deployment that this release wants (or, for a removed slot, the one that goes). */
  deployment: DeploymentId,
  change: z.enum(["created", "replaced", "unchanged", "removed"]),
  stage: Stage,
  health: Health,
  reason: Reason.nullable(),
  /** Progress of a pull, in words. */
  pull: z.string().nullable(),
  done: z.boolean(),
});
export type SlotProgress = z.infer<typeof SlotProgress>;

/** Whole state of a release: the answer of GET, and the data of each SSE event named `progress`. The stream ends after one whose state is not `rolling`. */
export const ReleaseView = z.object({
  id: ReleaseId,
  project: z.string(),
  parent: ReleaseId.nullable(),
  at: Instant,
  by: z.string(),
  /** A release without parts. */
  deletes: z.boolean(),
  state: ReleaseState,
  /** Why it was rolled back or superseded. */
  reason: Reason.nullable(),
  slots: z.array(SlotProgress),
  warnings: z.array(Warning),
});
export type ReleaseView = z.infer<typeof ReleaseView>;
