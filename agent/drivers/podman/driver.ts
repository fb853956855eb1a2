/**
 * What the agent asks of a container engine. The real driver speaks Podman's REST API, the fake
 * keeps the same promises in memory; one contract suite runs over both.
 *
 * Errors are SkerryErrors with the codes of PodmanFailure (errors.ts); a service that is gone or
 * hangs is `podman_unreachable` within 10 s for reads and 60 s for changes, a call given up by its
 * signal is `aborted`.
 *
 * Setters accept repeats: creating what is there (same name, same hash label), starting what runs
 * and stopping or removing what is gone all succeed.
 */
import type { ExecStart, LinkExec } from "../../../shared/model/link.ts";
import type { ExecCheck } from "../../../shared/model/docker_healthcheck.ts";
import type { KernelLimits } from "../../../shared/model/limits.ts";
import type { MountOptions } from "../../../shared/model/sections.ts";
import type { ServiceSpec, SharedKind } from "../../../shared/model/service_spec.ts";
import type { Strain } from "./strain.ts";

/** A container's state as it truly is: a dead process under a state of "running" is `dead`. */
export type ContainerState =
  | "created"
  | "running"
  | "paused"
  | "stopping"
  | "exited"
  /** Podman says it runs, but its process or conmon is gone or a zombie. */
  | "dead"
  | "unknown";

export interface ContainerSeen {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
  readonly labels: Readonly<Record<string, string>>;
  readonly imageId: string;
  readonly pid: number | null;
  /** Of an `exited` one; null also where Podman lost it. */
  readonly exitCode: number | null;
  /** Milliseconds since 1970; null where it never started / never ended. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Of an `exited` one: the kernel killed it because it was beyond its memory. */
  readonly outOfMemory?: true;
  /** What Podman cannot read of it; such a one is `dead` where it does not run. */
  readonly damage?: string;
  /** IPv4 address on the Skerry network, also while it is stopped; null where it has none. */
  readonly address: string | null;
}

/** A container by its main process. */
export type RunningContainer = Pick<ContainerSeen, "id" | "pid">;

export interface MountCreate {
  readonly kind: "volume" | "bind" | "tmpfs";
  /** Volume name in Podman, or a path of the host; unused for tmpfs. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly sizeBytes?: number;
  readonly mode?: number;
  /** Of a tmpfs: further mount options of the kernel. */
  readonly options?: readonly string[];
  /** Of a volume: while it is empty it does not take what the image has at its target. */
  readonly noCopy?: boolean;
  /** Volumes only. */
  readonly noExec?: boolean;
  /** Of a bind: which later mounts below it cross; absent: none. */
  readonly propagation?: string;
}

/** All that makes one container. */
export interface VolumeCreate {
  readonly labels: Readonly<Record<string, string>>;
  /** What is mounted in its place while a container has it; absent: a folder of Podman's own. */
  readonly options?: MountOptions;
}

export interface ContainerCreate {
  readonly name: string;
  /** Image id (64 hex), never a tag: what was decided is what runs. */
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly network: {
    readonly name: string;
    readonly address: string;
    readonly dnsServer: string;
    readonly dnsSearch: readonly string[];
  } | null;
  /** Containers, by id, whose namespaces it joins; with `network` its own `network` is null. */
  readonly shares?: Readonly<Partial<Record<SharedKind, string>>>;
  readonly mounts: readonly MountCreate[];
  /** The rest comes from the spec: entrypoint, command, user, limits, capabilities, … */
  readonly spec: ServiceSpec;
}

/** What Podman applied of the limits, read back from the container (unknown fields are ignored in silence by Podman). */
export interface AppliedLimits {
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly pids: number | null;
}

export interface ImageSeen {
  /** 64 hex. */
  readonly id: string;
  /** `name@sha256:…`, sorted. */
  readonly repoDigests: readonly string[];
  readonly repoTags: readonly string[];
  readonly exposedPorts: readonly { readonly port: number; readonly protocol: "tcp" | "udp" }[];
  readonly sizeBytes: number;
  /**
   * Paths that the image declares as its own volumes, sorted. What a container has there goes with
   * it, unless something is mounted.
   */
  readonly volumes: readonly string[];
  /** The check that the image declares; absent: none. */
  readonly healthcheck?: ExecCheck;
}

/** An image as it is listed. */
export interface ImageListed {
  /** 64 hex. */
  readonly id: string;
  /** `name:tag`, sorted; empty: it has no name any more. */
  readonly references: readonly string[];
  /** `name@sha256:…`, sorted. */
  readonly repoDigests: readonly string[];
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** How many containers are made of it, running or not. */
  readonly containers: number;
}

/** Why a pull failed, told apart so that the message can name the way out. */
export type PullFailure =
  | "not_found"
  | "unauthorized"
  | "unreachable"
  | "timeout"
  | "invalid_reference"
  | "insecure_registry"
  | "other";

/** What is to be run: as a session asks for it, but for whose container it is. */
export interface ExecRequest extends Omit<ExecStart, "deployment"> {
  /** With every right that there is. */
  readonly privileged?: boolean;
}

/** A running command in a container. For a tty all output is `stdout`. */
export type ExecSession = LinkExec;

/** Which streams; `tty` as the container was made. */
export interface AttachRequest {
  readonly tty: boolean;
  readonly stdin: boolean;
}

/** The standard streams of a container's main process. For a tty all output is `stdout`. */
export interface AttachSession
  extends Pick<LinkExec, "output" | "write" | "closeStdin" | "resize"> {
  /** Ends the connection; the container goes on. */
  close(): void;
}

export interface Podman {
  /** Does the service answer? Cheap, while `version` makes Podman run programs. */
  ping(signal?: AbortSignal): Promise<void>;
  version(signal?: AbortSignal): Promise<{ readonly version: string; readonly apiVersion: string }>;

  /** All containers whose labels have `skerry.deployment.id` or whose name bears the home's prefix. */
  listContainers(signal?: AbortSignal): Promise<readonly ContainerSeen[]>;
  /**
   * The container's id; one with equal name, deployment and spec hash is given back as it is.
   * Errors: `name_taken`, `image_unknown`, `network_unknown`, `mount_source_missing`, `invalid`.
   */
  createContainer(create: ContainerCreate, signal?: AbortSignal): Promise<string>;
  /**
   * Starts it; a `dead` one is ended first. Errors: `address_taken`, `address_invalid`,
   * `command_not_found`, `user_unknown`, `mount_source_missing`, `container_unknown`.
   */
  startContainer(id: string, signal?: AbortSignal): Promise<void>;
  /** Sends the stop signal, waits `graceMs`, then kills. A paused one is resumed first. */
  stopContainer(id: string, graceMs: number, signal?: AbortSignal): Promise<void>;
  /** Removes it, running, dead or not; named volumes stay, nameless ones of the image go. */
  removeContainer(id: string, signal?: AbortSignal): Promise<void>;
  /** What tells the namespace that a process of a container is in from every other; null: it is gone. */
  namespaceOf(pid: number, kind: SharedKind): Promise<string | null>;
  appliedLimits(id: string, signal?: AbortSignal): Promise<AppliedLimits>;
  /** What the kernel holds it to, asked of the kernel alone; null: it does not run. */
  kernelLimits(running: RunningContainer): Promise<KernelLimits | null>;
  /** How often it came to its limits since its start, cheaply; null: it does not run. */
  strain(running: RunningContainer): Promise<Strain | null>;
  /** Path of the k8s-file log on the host, and of the container's OOM evidence where there is any. */
  logPath(id: string, signal?: AbortSignal): Promise<string | null>;
  /** A hint that something changed; the stream ends when the service dies. */
  events(
    signal: AbortSignal,
  ): AsyncIterable<{ readonly action: string; readonly containerId: string }>;

  ensureNetwork(
    network: { name: string; bridge: string; subnet: string; gateway: string },
    signal?: AbortSignal,
  ): Promise<void>;
  networkExists(name: string, signal?: AbortSignal): Promise<boolean>;
  removeNetwork(name: string, signal?: AbortSignal): Promise<void>;

  listVolumes(
    signal?: AbortSignal,
  ): Promise<readonly { name: string; labels: Record<string, string> }[]>;
  /** One of that name that is there stays as it is. */
  createVolume(name: string, volume: VolumeCreate, signal?: AbortSignal): Promise<void>;
  /** In use: error `volume_in_use` that names the containers. */
  removeVolume(name: string, signal?: AbortSignal): Promise<void>;

  /** By reference, digest or id; null: not here. Never asks a registry. */
  inspectImage(reference: string, signal?: AbortSignal): Promise<ImageSeen | null>;
  /** Pulls; errors are {@link PullFailure} codes on a SkerryError. */
  pullImage(
    reference: string,
    onProgress: (line: string) => void,
    signal?: AbortSignal,
  ): Promise<ImageSeen>;
  /** Asks the registry what a reference means now, without pulling: `sha256:…`. */
  resolveDigest(reference: string, signal?: AbortSignal): Promise<string>;
  /** Every image that is here, sorted by id; layers between are none. */
  listImages(signal?: AbortSignal): Promise<readonly ImageListed[]>;
  /** By id or reference; one that is gone is no error. In use by a container: error `image_in_use`. */
  removeImage(image: string, signal?: AbortSignal): Promise<void>;
  /** Gives an image one more name, which another image loses. */
  tagImage(id: string, reference: string, signal?: AbortSignal): Promise<void>;
  /** One tar of all of them, each layer once; ids stay. Error `image_unknown`. */
  saveImages(
    references: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>>;
  /** Takes in what `saveImages` or `docker save` wrote; the references that it held. Error `invalid`. */
  loadImages(
    archive: ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
  buildImage(
    build: {
      readonly context: ReadableStream<Uint8Array>;
      readonly dockerfile: string;
      readonly tag: string;
      readonly args: Readonly<Record<string, string>>;
      readonly target?: string;
      readonly noCache: boolean;
      readonly pull: boolean;
      readonly labels: Readonly<Record<string, string>>;
      readonly tags?: readonly string[];
      readonly network?: "host" | "none";
      /** `name:address` */
      readonly extraHosts?: readonly string[];
      readonly shmBytes?: number;
      /** `name=soft:hard`, of the steps. */
      readonly ulimits?: readonly string[];
    },
    onProgress: (line: string) => void,
    signal?: AbortSignal,
  ): Promise<ImageSeen>;

  /**
   * Runs a command; its output has to be read to its end (or it has to be killed), else the
   * connection stays open. The signal's abort kills the command. A program that does not exist is
   * no error: it ends with 127 and the words on stderr. Errors: `not_running`, `exec_lost`.
   */
  exec(containerId: string, request: ExecRequest, signal?: AbortSignal): Promise<ExecSession>;

  /**
   * Joins the main process of a container that was made and not started yet, so that nothing of
   * its output is missed. The output ends with the process; it has to be read, or closed.
   */
  attach(containerId: string, request: AttachRequest, signal?: AbortSignal): Promise<AttachSession>;
}
