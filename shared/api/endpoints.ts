/** Every operation of /api/v1. A new one is added here, and the control plane does not compile until it is served. */
import { z } from "zod";
import { Sha256 } from "../model/hash.ts";
import { ReleaseId } from "../model/ids.ts";
import { NodeEvent } from "../model/event.ts";
import { LogLine } from "../model/link.ts";
import { SignedManifest } from "../model/manifest.ts";
import { Report } from "../model/report.ts";
import { ProjectName, ServiceName } from "../model/service_spec.ts";
import { ACCOUNT_ENDPOINTS } from "./accounts_endpoints.ts";
import { EnrollAnswer, EnrollRequest, StatusAnswer } from "./agent.ts";
import { BuildEvent, BuildQuery } from "./build.ts";
import { CERTIFICATE_ENDPOINTS } from "./certificate_endpoints.ts";
import { EDIT_ENDPOINTS } from "./edit_endpoints.ts";
import { endpoint } from "./endpoint.ts";
import { ExecServerControl, RunAccepted, RunRequest } from "./exec.ts";
import { IMAGE_SESSIONS } from "./image_endpoints.ts";
import { LoadAnswer, PruneAnswer, ReferenceList } from "./images.ts";
import { LIMITS } from "./limits.ts";
import { LOOKS } from "./looks.ts";
import { METRICS_ENDPOINTS } from "./metrics_endpoints.ts";
import { paging } from "./page.ts";
import { Problem } from "./problem.ts";
import { REACH_ENDPOINTS } from "./reach_endpoints.ts";
import { REGISTRY_ENDPOINTS } from "./registry_endpoints.ts";
import {
  BuiltImage,
  PlanAnswer,
  PlanRequest,
  ReleaseAccepted,
  ReleaseRequest,
  ReleaseView,
} from "./release.ts";
import { ChangeList, SecretView, VersionView } from "./views.ts";

const none = z.object({});
const ofProject = z.object({ name: ProjectName });
const ofService = z.object({ name: ProjectName, service: ServiceName });
const ofVolume = z.object({ name: ProjectName, volume: z.string().min(1).max(255) });
const byProject = z.object({ project: ProjectName.exactOptional() });
/** A secret's name, as Compose allows it. */
export const SecretName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/);
const count = z.string().regex(/^\d{1,7}$/);
const flag = z.enum(["true", "false"]);

/** The last record of a log stream may be a problem. */
export const LogEvent = z.union([LogLine, z.object({ problem: Problem })]);
export type LogEvent = z.infer<typeof LogEvent>;

/** The last record of a stream of events may be a problem. */
export const EventRecord = z.union([NodeEvent, z.object({ problem: Problem })]);
export type EventRecord = z.infer<typeof EventRecord>;

export const ENDPOINTS = {
  ...ACCOUNT_ENDPOINTS,
  ...LOOKS,
  version: endpoint({
    method: "GET",
    path: "/api/v1/version",
    scope: "read",
    object: "filtered",
    summary: "The version of the control plane",
    params: none,
    query: none,
    body: null,
    answer: { status: 200, json: VersionView },
  }),
  plan: endpoint({
    method: "POST",
    path: "/api/v1/projects/{name}/plan",
    scope: "apply",
    object: "project",
    summary: "What a release would change, and why; nothing is done",
    params: ofProject,
    query: none,
    body: { json: PlanRequest, limitBytes: LIMITS.releaseBytes },
    answer: { status: 200, json: PlanAnswer },
  }),
  putBlob: endpoint({
    method: "PUT",
    path: "/api/v1/blobs/{sha256}",
    scope: "apply",
    object: "filtered",
    summary: "Stores a file under its SHA-256",
    params: z.object({ sha256: Sha256 }),
    query: none,
    body: { raw: "application/octet-stream", limitBytes: LIMITS.blobBytes },
    answer: { status: 204, json: null },
  }),
  createRelease: endpoint({
    method: "POST",
    path: "/api/v1/projects/{name}/releases",
    scope: "apply",
    object: "project",
    summary: "Releases a project; without parts, deletes it",
    params: ofProject,
    query: none,
    body: { json: ReleaseRequest, limitBytes: LIMITS.releaseBytes },
    answer: { status: 202, json: ReleaseAccepted },
    idempotent: "handler",
  }),
  releaseEvents: endpoint({
    method: "GET",
    path: "/api/v1/releases/{id}/events",
    scope: "read",
    object: "release",
    summary: "The progress of a release as server-sent events named `progress`, until it is over",
    params: z.object({ id: ReleaseId }),
    query: none,
    body: null,
    answer: { raw: "sse", event: ReleaseView },
  }),
  startRun: endpoint({
    method: "POST",
    path: "/api/v1/projects/{name}/services/{service}/runs",
    scope: "session",
    object: "project",
    summary: "Begins a run of a service's spec that goes on its own",
    params: ofService,
    query: none,
    body: { json: RunRequest, limitBytes: LIMITS.jsonBytes },
    answer: { status: 202, json: RunAccepted },
    idempotent: "route",
  }),
  stopRun: endpoint({
    method: "DELETE",
    path: "/api/v1/projects/{name}/services/{service}/runs/{number}",
    scope: "session",
    object: "project",
    summary: "Ends a run that goes on its own",
    params: ofService.extend({ number: count }),
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
  suspendJob: endpoint({
    method: "PUT",
    path: "/api/v1/projects/{name}/jobs/{service}/suspension",
    scope: "session",
    object: "project",
    summary: "Keeps a job from being run by the clock, also after a restart of the node",
    params: ofService,
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
  resumeJob: endpoint({
    method: "DELETE",
    path: "/api/v1/projects/{name}/jobs/{service}/suspension",
    scope: "session",
    object: "project",
    summary: "Lets a job be run by the clock again; what it missed meanwhile is not made up for",
    params: ofService,
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
  logs: endpoint({
    method: "GET",
    path: "/api/v1/projects/{name}/logs",
    scope: "logs",
    object: "project",
    summary: "Lines that the containers wrote",
    params: ofProject,
    query: z.object({
      service: ServiceName.exactOptional(),
      /** Number of a run of that service. */
      run: count.exactOptional(),
      follow: flag.exactOptional(),
      tail: count.exactOptional(),
      /** RFC 3339. */
      since: z.iso.datetime({ offset: true }).exactOptional(),
    }),
    body: null,
    answer: { raw: "ndjson", event: LogEvent },
  }),
  events: endpoint({
    method: "GET",
    path: "/api/v1/events",
    scope: "logs",
    object: "filtered",
    summary: "What happened on the node, in order",
    params: none,
    query: z.object({
      project: ProjectName.exactOptional(),
      service: ServiceName.exactOptional(),
      follow: flag.exactOptional(),
      tail: count.exactOptional(),
      /** RFC 3339. */
      since: z.iso.datetime({ offset: true }).exactOptional(),
      /** RFC 3339. */
      until: z.iso.datetime({ offset: true }).exactOptional(),
    }),
    body: null,
    answer: { raw: "ndjson", event: EventRecord },
  }),
  exec: endpoint({
    method: "GET",
    path: "/api/v1/projects/{name}/services/{service}/exec",
    scope: "session",
    object: "project",
    summary: "Runs a command in a container over a WebSocket; see shared/api/exec.ts",
    params: ofService,
    query: none,
    body: null,
    answer: { raw: "websocket", event: ExecServerControl },
  }),
  run: endpoint({
    method: "GET",
    path: "/api/v1/projects/{name}/services/{service}/run",
    scope: "session",
    object: "project",
    summary: "Runs a container of a service's spec once, over a WebSocket; see shared/api/exec.ts",
    params: ofService,
    query: none,
    body: null,
    answer: { raw: "websocket", event: ExecServerControl },
  }),
  build: endpoint({
    method: "POST",
    path: "/api/v1/projects/{name}/builds/{service}",
    scope: "apply",
    object: "project",
    summary: "Builds a service's image on the node from a tar",
    params: ofService,
    query: BuildQuery,
    body: { raw: "application/x-tar", limitBytes: LIMITS.buildBytes },
    answer: { raw: "ndjson", event: BuildEvent },
  }),
  builtImage: endpoint({
    method: "GET",
    path: "/api/v1/projects/{name}/builds/{service}",
    scope: "read",
    object: "project",
    summary: "The image that was built before from the same input; 404 where there is none",
    params: ofService,
    query: z.object({ digest: Sha256 }),
    body: null,
    answer: { status: 200, json: BuiltImage },
  }),
  ...IMAGE_SESSIONS,
  saveImages: endpoint({
    method: "GET",
    path: "/api/v1/images/archive",
    scope: "images",
    object: "global",
    summary: "A tar of images by reference, or of all that a project's release runs; ids stay",
    params: none,
    query: z.object({
      references: ReferenceList.exactOptional(),
      project: ProjectName.exactOptional(),
    }),
    body: null,
    answer: { raw: "bytes", event: null },
  }),
  loadImages: endpoint({
    method: "POST",
    path: "/api/v1/images/archive",
    scope: "images",
    object: "global",
    summary: "Takes in a tar of images, as saved here or by docker save",
    params: none,
    query: none,
    body: { raw: "application/x-tar", limitBytes: LIMITS.archiveBytes },
    answer: { status: 200, json: LoadAnswer },
  }),
  deleteImage: endpoint({
    method: "DELETE",
    path: "/api/v1/images/{image}",
    scope: "images",
    object: "global",
    summary: "Removes an image by id or reference; refused while a container uses it",
    params: z.object({ image: z.string().min(1).max(512) }),
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
  pruneImages: endpoint({
    method: "POST",
    path: "/api/v1/images/prune",
    scope: "images",
    object: "global",
    summary: "Removes images that neither the current nor the previous release of a project needs",
    params: none,
    query: z.object({ dryRun: flag.exactOptional() }),
    body: null,
    answer: { status: 200, json: PruneAnswer },
  }),
  putSecret: endpoint({
    method: "PUT",
    path: "/api/v1/secrets/{secret}",
    scope: "secrets",
    object: "project_or_global",
    summary: "Sets a secret's value (the raw body); without ?project it holds for every project",
    params: z.object({ secret: SecretName }),
    query: byProject,
    body: { raw: "application/octet-stream", limitBytes: LIMITS.secretBytes },
    answer: { status: 200, json: SecretView },
    conditional: true,
  }),
  deleteSecret: endpoint({
    method: "DELETE",
    path: "/api/v1/secrets/{secret}",
    scope: "secrets",
    object: "project_or_global",
    summary: "Removes a secret with all its versions; refused while a service uses it",
    params: z.object({ secret: SecretName }),
    query: byProject,
    body: null,
    answer: { status: 204, json: null },
  }),
  ...METRICS_ENDPOINTS,
  ...REACH_ENDPOINTS,
  ...REGISTRY_ENDPOINTS,
  ...EDIT_ENDPOINTS,
  ...CERTIFICATE_ENDPOINTS,
  deleteVolume: endpoint({
    method: "DELETE",
    path: "/api/v1/projects/{name}/volumes/{volume}",
    scope: "volumes",
    object: "project",
    summary: "Removes a volume with its data for good; refused while a service uses it",
    params: ofVolume,
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
  changes: endpoint({
    method: "GET",
    path: "/api/v1/changes",
    scope: "read",
    object: "filtered",
    summary: "Who changed what, newest first",
    params: none,
    query: byProject.extend(paging),
    body: null,
    answer: { status: 200, json: ChangeList },
  }),
  enroll: endpoint({
    method: "POST",
    path: "/api/v1/agent/enroll",
    scope: "enroll",
    object: "none",
    summary: "Makes a node known by a one-time token",
    params: none,
    query: none,
    body: { json: EnrollRequest, limitBytes: LIMITS.jsonBytes },
    answer: { status: 200, json: EnrollAnswer },
  }),
  expectedState: endpoint({
    method: "GET",
    path: "/api/v1/agent/expected-state",
    scope: "agent",
    object: "node",
    summary:
      "The node's signed manifest; If-None-Match with ?wait=SECONDS holds until it changes (304 else)",
    params: none,
    query: z.object({ wait: z.string().regex(/^\d{1,3}$/).exactOptional() }),
    body: null,
    answer: { status: 200, json: SignedManifest },
  }),
  agentBlob: endpoint({
    method: "GET",
    path: "/api/v1/agent/blobs/{sha256}",
    scope: "agent",
    object: "node",
    summary: "A section or file that the node's manifest names",
    params: z.object({ sha256: Sha256 }),
    query: none,
    body: null,
    answer: { raw: "bytes", event: null },
  }),
  status: endpoint({
    method: "POST",
    path: "/api/v1/agent/status",
    scope: "agent",
    object: "node",
    summary: "A node's report",
    params: none,
    query: none,
    body: { json: Report, limitBytes: LIMITS.reportBytes },
    answer: { status: 200, json: StatusAnswer },
  }),
} as const;

export type Endpoints = typeof ENDPOINTS;
/** The name of an operation; its `operationId` in OpenAPI. */
export type Operation = keyof Endpoints;
