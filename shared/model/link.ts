/**
 * Sessions: streams that a person opened and that end with them. The control plane asks them of a
 * node over this port; in `skerry up` it is a call, in a fleet a WebSocket that the agent opens.
 */
import { z } from "zod";
import type { DeploymentId, ProjectId, ServiceId } from "./ids.ts";
import { DeploymentId as DeploymentIdSchema } from "./ids.ts";
import type { DiskReport } from "./disk.ts";
import type { NodeEvent } from "./event.ts";
import type { Sample } from "../metrics/families.ts";
import type { ImagePin } from "./image_pin.ts";
import type { LatestMetrics, MetricsRequest, MetricsView } from "./metrics.ts";
import type { RegistryLogin } from "./registry.ts";

/** One line that a container wrote, without its newline. */
export const LogLine = z.strictObject({
  deployment: DeploymentIdSchema,
  service: z.string(),
  slot: z.int().positive(),
  stream: z.enum(["stdout", "stderr"]),
  /** RFC 3339 with nanoseconds, as conmon wrote it. */
  time: z.string(),
  text: z.string(),
  /** The line was cut or goes on in the next record. */
  partial: z.boolean(),
});
export type LogLine = z.infer<typeof LogLine>;

export interface LogRequest {
  readonly project: ProjectId;
  /** Absent: every service of the project. */
  readonly service?: string;
  /** Of this run alone. */
  readonly deployment?: DeploymentId;
  readonly follow: boolean;
  /** Lines from the end, for each container; absent: all. */
  readonly tail?: number;
  /** RFC 3339. */
  readonly since?: string;
}

export interface EventRequest {
  /** Absent: of every project, and of the node itself. */
  readonly project?: string;
  readonly service?: string;
  readonly follow: boolean;
  /** Only the last so many of those that are kept. */
  readonly tail?: number;
  /** RFC 3339. */
  readonly since?: string;
  /** RFC 3339. */
  readonly until?: string;
}

export interface ExecStart {
  readonly deployment: DeploymentId;
  readonly command: readonly string[];
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly size?: { readonly rows: number; readonly columns: number };
}

/** A container of a service's current spec with another command, which goes when it ends. */
export interface RunStart extends Omit<ExecStart, "command" | "size"> {
  /** Nobody looks on: it lives on its own, and ends with what its service does before a stop. */
  readonly detached?: boolean;
  /** Absent: the service's own. */
  readonly command?: readonly string[];
  /** Absent: the service's own. */
  readonly entrypoint?: readonly string[];
  /** It waits for none of the services that its service depends on. */
  readonly noDeps: boolean;
  /** Of its container; absent: one is made up. */
  readonly name?: string;
  /** The service's published ports lead to it. */
  readonly servicePorts?: boolean;
}

/** A run that goes on its own, is written into the service's history, and outlives the agent. */
export interface DetachedStart extends RunStart {
  /** As its schedule runs it: with its time limit and retries, and by its overlap rule. */
  readonly asJob: boolean;
}

export interface StartedRun {
  readonly number: number;
  readonly deployment: DeploymentId;
  /** The container's name. */
  readonly container: string;
}

/** A running command in a container; for a tty all output is `stdout`. */
export interface LinkExec {
  readonly output: AsyncIterable<
    { readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }
  >;
  write(data: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  resize(rows: number, columns: number): Promise<void>;
  /** Resolves when the output has ended: the exit code. */
  exitCode(): Promise<number>;
  /** Ends the command itself (SIGKILL), not just the connection. */
  kill(): Promise<void>;
}

/** What a reference means: the registry's digest and the image's id, where each is known. */
export interface ResolvedImage {
  readonly digest: string | null;
  readonly id: string | null;
  /** Paths that the image declares as its own volumes; empty where they are not known. */
  readonly volumes: readonly string[];
}

export interface BuildRequest {
  /** A tar stream. */
  readonly context: ReadableStream<Uint8Array>;
  readonly dockerfile: string;
  /** Reference that the result gets. */
  readonly tag: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** Further references that the result gets. */
  readonly tags?: readonly string[];
  /** Of the steps; absent: the host's. */
  readonly network?: "host" | "none";
  /** `name:address`, for the steps. */
  readonly extraHosts?: readonly string[];
  readonly shmBytes?: number;
  /** `name=soft:hard`, of the steps. */
  readonly ulimits?: readonly string[];
}

/** An image on a node. */
export interface ImageOnNode {
  /** 64 hex. */
  readonly id: string;
  /** `name:tag`, sorted. */
  readonly references: readonly string[];
  /** `name@sha256:…`, sorted. */
  readonly repoDigests: readonly string[];
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly containers: number;
}

/** An image by its id, and the name that it is to have in an archive. */
export interface ImageToSave {
  readonly id: string;
  readonly reference: string;
}

/** What the node's store holds of an image that is pinned, compared with what it says of itself. */
export interface ImageCheck {
  /** `unchecked`: it is there, and cannot be compared. */
  readonly state: "whole" | "absent" | "damaged" | "unchecked";
  /** Of the image that the pin means; null: none is here. */
  readonly id: string | null;
  readonly problems: readonly string[];
  /** All images that hold what is damaged, each by its names, or its id: they have to go together. */
  readonly sharedBy: readonly string[];
  readonly readBytes: number;
}

/** What a registry has after a push. */
export interface PushedImage {
  /** In full. */
  readonly reference: string;
  /** As the registry tells it; null: it did not. */
  readonly digest: string | null;
  readonly id: string;
}

/** Every call rejects with a SkerryError whose code and remedy are meant for the person who asked. */
export interface AgentLink {
  logs(request: LogRequest, signal: AbortSignal): AsyncIterable<LogLine>;
  /** What happened on the node, in order. */
  events(request: EventRequest, signal: AbortSignal): AsyncIterable<NodeEvent>;
  exec(start: ExecStart, signal: AbortSignal): Promise<LinkExec>;
  /** Makes the container, starts it and joins it; see {@link RunStart}. */
  run(start: RunStart, signal: AbortSignal): Promise<LinkExec>;
  /** Begins a run that goes on its own. Error `job_running`: its overlap rule is against it. */
  startRun(start: DetachedStart, signal: AbortSignal): Promise<StartedRun>;
  /** Ends a run that goes on its own. Error `run_unknown`. */
  stopRun(service: ServiceId, number: number): Promise<void>;
  /** Keeps a job from being run by the clock, or no more. Error `not_scheduled`. */
  suspendJob(service: ServiceId, on: boolean): Promise<void>;
  /** `local`: what is on the node, else ask the registry; `registry`: always ask. */
  resolveImage(
    reference: string,
    from: "local" | "registry",
    signal: AbortSignal,
  ): Promise<ResolvedImage>;
  /** What is on the node under a reference, an id or `repository@digest`; null: nothing. Asks no registry. */
  inspectImage(reference: string, signal: AbortSignal): Promise<ResolvedImage | null>;
  buildImage(
    request: BuildRequest,
    onProgress: (line: string) => void,
    signal: AbortSignal,
  ): Promise<ResolvedImage>;
  listImages(signal: AbortSignal): Promise<readonly ImageOnNode[]>;
  pullImage(
    reference: string,
    onProgress: (line: string) => void,
    signal: AbortSignal,
  ): Promise<ResolvedImage>;
  /**
   * Reads every image that is meant from the disk, and compares it with its id and its digests: one
   * answer for each pin, in their order. Writes nothing, and does not ask Podman.
   */
  verifyImages(
    pins: readonly ImagePin[],
    onProgress: (line: string) => void,
    signal: AbortSignal,
  ): Promise<readonly ImageCheck[]>;
  /** Sends an image to its registry, or to the name given. Errors are those of a pull. */
  pushImage(
    image: string,
    destination: string | null,
    onProgress: (line: string) => void,
    signal: AbortSignal,
  ): Promise<PushedImage>;
  /**
   * Tries a login at a registry. `not_asked`: it wants none. Errors: `unauthorized` (it is wrong)
   * and others of a pull.
   */
  checkLogin(
    host: string,
    login: RegistryLogin,
    signal: AbortSignal,
  ): Promise<"accepted" | "not_asked">;
  /** Resolves once the node has taken over this revision of its intent, or a later one. */
  whenIntent(revision: number, signal: AbortSignal): Promise<void>;
  /** By id or reference. Error `image_in_use`. */
  removeImage(image: string, signal: AbortSignal): Promise<void>;
  /** One tar of all of them. */
  saveImages(
    images: readonly ImageToSave[],
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>>;
  /** The references that an archive held. */
  loadImages(archive: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<readonly string[]>;
  /** The disk that the node's home lies on, as it is now; null: it cannot be looked at. */
  disk(signal: AbortSignal): Promise<DiskReport | null>;
  /** What was measured, from the finest resolution that is kept. */
  metrics(request: MetricsRequest, signal: AbortSignal): Promise<MetricsView>;
  /** What everything uses now. */
  latestMetrics(signal: AbortSignal): Promise<LatestMetrics>;
  /** What the agent tells Prometheus. */
  samples(signal: AbortSignal): Promise<readonly Sample[]>;
  /** For good, with its data. */
  removeVolume(engineName: string, signal: AbortSignal): Promise<void>;
}
