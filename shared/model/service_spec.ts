/**
 * What a revision runs: everything that shapes one container, resolved and free of secrets.
 * It is immutable and hashed at apply (`spec.hash`); a change of any field is a new revision and
 * so a new container. Routes are not in it: a new route needs no new container.
 */
import { z } from "zod";
import { Sha256 } from "./hash.ts";
import { PinId, SecretVersionId, VolumeId } from "./ids.ts";
import { Schedule } from "./schedule.ts";

/** A service's name as Compose allows it, short enough for a DNS label. */
export const ServiceName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/).brand<"service">();
export type ServiceName = z.infer<typeof ServiceName>;
/** A project's name as Compose normalises it. */
export const ProjectName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/).brand<"project">();
export type ProjectName = z.infer<typeof ProjectName>;

export const Port = z.int().min(1).max(65_535);
export const Protocol = z.enum(["tcp", "udp"]);
export type Protocol = z.infer<typeof Protocol>;

/** A port of the host that leads into the container. `hostPort` is never 0 here: it is chosen at apply. */
export const PublishedPort = z.strictObject({
  /** IPv4 address of the host to listen on; absent: all. */
  hostAddress: z.ipv4().exactOptional(),
  hostPort: Port,
  containerPort: Port,
  protocol: Protocol,
});
export type PublishedPort = z.infer<typeof PublishedPort>;

const target = z.string().startsWith("/").max(4096);
const fileMode = z.int().min(0).max(0o7777);

export const Mount = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("volume"),
    volume: VolumeId,
    target,
    readOnly: z.boolean(),
    subpath: z.string().exactOptional(),
    /** A new volume stays empty, instead of taking what the image has at its target. */
    noCopy: z.literal(true).exactOptional(),
    /** Programs in it are not run: what is mounted in its place says so. */
    noExec: z.literal(true).exactOptional(),
  }),
  /** A path of the host, as it is there. */
  z.strictObject({
    kind: z.literal("bind"),
    source: z.string().startsWith("/").max(4096),
    target,
    readOnly: z.boolean(),
    createHostPath: z.boolean(),
    /** Which later mounts below it cross; absent: none. */
    propagation: z.enum(["private", "rprivate", "shared", "rshared", "slave", "rslave"])
      .exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("tmpfs"),
    target,
    sizeBytes: z.int().positive().exactOptional(),
    mode: fileMode.exactOptional(),
    /** Mount options of the kernel, such as `noexec`. */
    options: z.array(z.string()).exactOptional(),
  }),
  /** A file that travelled as a blob (a config, or a read-only bind of the project's folder). */
  z.strictObject({
    kind: z.literal("file"),
    sha256: Sha256,
    target,
    mode: fileMode,
    uid: z.int().min(0),
    gid: z.int().min(0),
  }),
  /** A read-only folder that travelled as blobs; `path` is relative, without `..`. */
  z.strictObject({
    kind: z.literal("folder"),
    target,
    entries: z.array(
      z.strictObject({ path: z.string().min(1).max(4096), sha256: Sha256, mode: fileMode }),
    ).max(10_000),
  }),
]);
export type Mount = z.infer<typeof Mount>;

const checkTiming = {
  intervalMs: z.int().positive(),
  timeoutMs: z.int().positive(),
  retries: z.int().positive(),
  startPeriodMs: z.int().nonnegative(),
  startIntervalMs: z.int().positive(),
};
const ImageTiming = z.strictObject({
  intervalMs: checkTiming.intervalMs.exactOptional(),
  timeoutMs: checkTiming.timeoutMs.exactOptional(),
  retries: checkTiming.retries.exactOptional(),
  startPeriodMs: checkTiming.startPeriodMs.exactOptional(),
  startIntervalMs: checkTiming.startIntervalMs.exactOptional(),
});
/**
 * `none`: the service has no check of its own: the image's HEALTHCHECK counts, unless `ignoresImage`;
 * without that it is healthy when its first routed or exposed TCP port connects (`probePort`), else
 * once it has lived for 3 s.
 */
export const HealthCheck = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("none"),
    probePort: Port.nullable(),
    ignoresImage: z.literal(true).exactOptional(),
    /** In place of the image's own times. */
    imageTiming: ImageTiming.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("exec"), command: z.array(z.string()).min(1), ...checkTiming }),
  z.strictObject({
    kind: z.literal("http"),
    path: z.string().startsWith("/"),
    port: Port,
    ...checkTiming,
  }),
  z.strictObject({ kind: z.literal("tcp"), port: Port, ...checkTiming }),
]);
export type HealthCheck = z.infer<typeof HealthCheck>;

export const RestartPolicy = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("no") }),
  z.strictObject({ kind: z.literal("always") }),
  z.strictObject({ kind: z.literal("unless-stopped") }),
  z.strictObject({ kind: z.literal("on-failure"), maxRetries: z.int().nonnegative().nullable() }),
]);
export type RestartPolicy = z.infer<typeof RestartPolicy>;

export const DependsOn = z.strictObject({
  service: ServiceName,
  condition: z.enum(["service_started", "service_healthy", "service_completed_successfully"]),
  /** Compose `required: false`: a missing or failing dependency is no obstacle. */
  required: z.boolean(),
});
export type DependsOn = z.infer<typeof DependsOn>;

/** A device of the host, or one of a vendor's naming (CDI, `nvidia.com/gpu=all`) as both paths. */
export const Device = z.strictObject({
  source: z.string(),
  target: z.string(),
  permissions: z.string().regex(/^[rwm]{1,3}$/),
});

/** Services of the project whose containers' namespaces it lives in; what is absent is its own. */
export const Shares = z.strictObject({
  network: ServiceName.exactOptional(),
  ipc: ServiceName.exactOptional(),
  pid: ServiceName.exactOptional(),
});
export type Shares = z.infer<typeof Shares>;
export type SharedKind = keyof Shares;

/** What a container shares with its host beyond the ordinary; what is absent is its own. */
export const HostAccess = z.strictObject({
  privileged: z.literal(true).exactOptional(),
  pid: z.literal("host").exactOptional(),
  ipc: z.enum(["host", "shareable", "private", "none"]).exactOptional(),
  uts: z.literal("host").exactOptional(),
  cgroup: z.enum(["host", "private"]).exactOptional(),
  /** The group of the host that its own lies below. */
  cgroupParent: z.string().exactOptional(),
  /** As Docker writes them: `no-new-privileges`, `seccomp=unconfined`, `label=disable`. */
  security: z.array(z.string()).exactOptional(),
  devices: z.array(Device).exactOptional(),
  /** `c 188:* rwm` */
  deviceRules: z.array(z.string()).exactOptional(),
  groups: z.array(z.string()).exactOptional(),
  sysctls: z.record(z.string(), z.string()).exactOptional(),
});
export type HostAccess = z.infer<typeof HostAccess>;

/** The values of its variables travel sealed with the container's own, as `=post_start.0.NAME`. */
export const Hook = z.strictObject({
  command: z.array(z.string()).min(1),
  user: z.string().exactOptional(),
  privileged: z.literal(true).exactOptional(),
  workingDir: z.string().exactOptional(),
});
export type Hook = z.infer<typeof Hook>;

export const ServiceSpec = z.strictObject({
  schema: z.literal(1),
  image: z.strictObject({ reference: z.string().min(1).max(512), pin: PinId }),
  /** Absent: the image's own. An empty list clears the image's own. */
  entrypoint: z.array(z.string()).exactOptional(),
  command: z.array(z.string()).exactOptional(),
  /** Names only, sorted; `mac` is an HMAC of the values under the control plane's key, so that a new value is a new hash and the hash gives nothing away. */
  environment: z.strictObject({ names: z.array(z.string()), mac: z.string() }),
  workingDir: z.string().exactOptional(),
  user: z.string().exactOptional(),
  hostname: z.string().exactOptional(),
  /** As `hostname -d` of old programs tells it; it is in no name that DNS answers. */
  domainname: z.string().exactOptional(),
  /** Lower case, with colons; absent: made from its address. */
  macAddress: z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/).exactOptional(),
  labels: z.record(z.string(), z.string()),
  mounts: z.array(Mount),
  secrets: z.array(z.strictObject({
    name: z.string(),
    version: SecretVersionId,
    target,
    mode: fileMode,
    uid: z.int().min(0),
    gid: z.int().min(0),
    /** An external config: kept and handed out as secrets are, and called a config. */
    config: z.literal(true).exactOptional(),
  })),
  /** Secrets that become environment variables (x-skerry env_secrets), variable name → version. */
  envSecrets: z.array(
    z.strictObject({ variable: z.string(), name: z.string(), version: SecretVersionId }),
  ),
  ports: z.array(PublishedPort),
  /** The port that each route leads to, so that a changed one is a new container with a server of its own. */
  routed: z.array(z.strictObject({
    host: z.string().nullable(),
    path: z.string().startsWith("/"),
    port: Port,
  })),
  expose: z.array(z.strictObject({
    port: Port,
    protocol: Protocol,
    /** As in `ports`: its SRV record. */
    name: z.string().exactOptional(),
  })),
  /**
   * Networks by key (`project-name/network-name`), sorted; empty: no network at all. Of one that
   * shares another's network they are that one's, with aliases of its own.
   */
  networks: z.array(z.strictObject({ network: z.string(), aliases: z.array(z.string()) })),
  /** It has the host's own network instead of networks. */
  hostNetwork: z.literal(true).exactOptional(),
  shares: Shares.exactOptional(),
  extraHosts: z.array(z.strictObject({ name: z.string(), address: z.string() })),
  resources: z.strictObject({
    cpus: z.number().positive().exactOptional(),
    memoryBytes: z.int().positive().exactOptional(),
    memoryReservationBytes: z.int().positive().exactOptional(),
    /** -1: no limit. */
    pids: z.int().exactOptional(),
    cpuShares: z.int().positive().exactOptional(),
    cpuset: z.string().exactOptional(),
    /** Memory and swap together, -1: as much as there is; absent: no swap beyond the memory. */
    memorySwapBytes: z.int().exactOptional(),
    shmBytes: z.int().positive().exactOptional(),
    oomScoreAdj: z.int().min(-1000).max(1000).exactOptional(),
  }),
  ulimits: z.array(z.strictObject({ name: z.string(), soft: z.int(), hard: z.int() })),
  capAdd: z.array(z.string()),
  capDrop: z.array(z.string()),
  access: HostAccess.exactOptional(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
  /** Which of a terminal and an open standard input its main process has. */
  terminal: z.strictObject({ tty: z.boolean(), stdin: z.boolean() }).exactOptional(),
  /** Beside the project's own domain and options. */
  resolver: z.strictObject({
    search: z.array(z.string()),
    options: z.array(z.string()),
    /** Whom the node asks for it, about names that are not Skerry's; absent: the node's own servers. */
    servers: z.array(z.string()).exactOptional(),
  }).exactOptional(),
  readOnly: z.boolean(),
  init: z.boolean(),
  /** Signal name such as SIGTERM; absent: the image's own. */
  stopSignal: z.string().exactOptional(),
  stopGraceMs: z.int().nonnegative(),
  /** Commands beside its own: it is not ready before the first are done; the last run before its stop. */
  hooks: z.strictObject({ postStart: z.array(Hook), preStop: z.array(Hook) }).exactOptional(),
  restart: RestartPolicy,
  /** It is a job that runs by the clock, and has no container between its runs. */
  schedule: Schedule.exactOptional(),
  health: HealthCheck,
  /** A replacement that is not healthy by then is given up, and the old one serves on. */
  deadlineMs: z.int().positive(),
  /** The longest time that an old one is given to finish its connections. */
  drainMs: z.int().nonnegative(),
  dependsOn: z.array(DependsOn),
});
export type ServiceSpec = z.infer<typeof ServiceSpec>;
