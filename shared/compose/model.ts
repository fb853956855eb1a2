/**
 * What the reader makes of compose files: merged, interpolated and normalised, in the Compose
 * Specification's own field names, as `docker compose config --format json` prints it. It is stored
 * with a release, so it is also a wire format: strict objects, additions only.
 */
import { z } from "zod";
import { sparseObject } from "../sparse_object.ts";
import { readGitAddress } from "./git_address.ts";
import { XSkerry } from "./x_skerry_model.ts";

export * from "./x_skerry_model.ts";

/** A duration as Go prints it, such as `1m30s`, `500ms`, `0s`; `durationMs` reads it. */
const duration = z.string();
/** A number of bytes in decimal digits. */
const bytes = z.string().regex(/^\d+$/);
const strings = z.record(z.string(), z.string());
const absolutePath = z.string().startsWith("/").max(4096);
const port = z.int().min(1).max(65_535);

const ulimits = z.record(
  z.string(),
  z.union([z.int(), z.strictObject({ soft: z.int(), hard: z.int() })]),
);

export const ComposeBuild = z.strictObject({
  /** An absolute path, or a git address as it was written. */
  context: z.union([
    absolutePath,
    z.string().max(4096).refine((text) => readGitAddress(text).kind === "git"),
  ]),
  /** Relative to the context, or absolute; absent: `dockerfile_inline`. */
  dockerfile: z.string().exactOptional(),
  /** The text of the Dockerfile. */
  dockerfile_inline: z.string().exactOptional(),
  args: strings.exactOptional(),
  target: z.string().exactOptional(),
  no_cache: z.boolean().exactOptional(),
  pull: z.boolean().exactOptional(),
  labels: strings.exactOptional(),
  /** Further names of the image. */
  tags: z.array(z.string()).exactOptional(),
  network: z.enum(["host", "none", "default"]).exactOptional(),
  /** `name=address`, sorted. */
  extra_hosts: z.array(z.string()).exactOptional(),
  shm_size: bytes.exactOptional(),
  ulimits: ulimits.exactOptional(),
});
export type ComposeBuild = z.infer<typeof ComposeBuild>;

/** `source` is the key of a top-level volume (empty: the service's own, without a name), or an absolute
 * path of the machine that reads. */
export const ComposeMount = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("volume"),
    source: z.string(),
    target: absolutePath,
    read_only: z.boolean().exactOptional(),
    volume: z.strictObject({
      nocopy: z.boolean().exactOptional(),
      subpath: z.string().exactOptional(),
    }).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("bind"),
    source: absolutePath,
    target: absolutePath,
    read_only: z.boolean().exactOptional(),
    /** `create_host_path`: absent means true, as in Compose. */
    bind: z.strictObject({
      create_host_path: z.boolean().exactOptional(),
      propagation: z.enum(["private", "rprivate", "shared", "rshared", "slave", "rslave"])
        .exactOptional(),
    }).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("tmpfs"),
    target: absolutePath,
    read_only: z.boolean().exactOptional(),
    /** `mode` is the number itself: 0o755 is 493. */
    tmpfs: z.strictObject({ size: bytes.exactOptional(), mode: z.int().exactOptional() })
      .exactOptional(),
  }),
]);
export type ComposeMount = z.infer<typeof ComposeMount>;

export const ComposePort = z.strictObject({
  name: z.string().exactOptional(),
  mode: z.enum(["ingress", "host"]),
  host_ip: z.ipv4().exactOptional(),
  target: port,
  /** One port in decimal digits; absent: any free one. */
  published: z.string().regex(/^\d{1,5}$/).exactOptional(),
  protocol: z.enum(["tcp", "udp"]),
});
export type ComposePort = z.infer<typeof ComposePort>;

export const ComposeDependency = z.strictObject({
  condition: z.enum(["service_started", "service_healthy", "service_completed_successfully"]),
  required: z.boolean(),
  restart: z.boolean().exactOptional(),
});
export type ComposeDependency = z.infer<typeof ComposeDependency>;

export const ComposeHealthcheck = z.strictObject({
  /** First `CMD`, `CMD-SHELL` or `NONE`. */
  test: z.array(z.string()).exactOptional(),
  interval: duration.exactOptional(),
  timeout: duration.exactOptional(),
  retries: z.int().nonnegative().exactOptional(),
  start_period: duration.exactOptional(),
  start_interval: duration.exactOptional(),
  disable: z.boolean().exactOptional(),
});
export type ComposeHealthcheck = z.infer<typeof ComposeHealthcheck>;

/** `count` -1: all. Without `driver` it is an NVIDIA GPU. */
export const ComposeGpu = z.strictObject({
  driver: z.string().exactOptional(),
  count: z.int().exactOptional(),
  device_ids: z.array(z.string()).exactOptional(),
  capabilities: z.array(z.string()).exactOptional(),
});
export type ComposeGpu = z.infer<typeof ComposeGpu>;

export const ComposeDeploy = z.strictObject({
  mode: z.literal("replicated").exactOptional(),
  endpoint_mode: z.enum(["vip", "dnsrr"]).exactOptional(),
  restart_policy: z.strictObject({
    condition: z.enum(["none", "on-failure", "any"]).exactOptional(),
    max_attempts: z.int().nonnegative().exactOptional(),
  }).exactOptional(),
  update_config: z.strictObject({ order: z.enum(["start-first", "stop-first"]).exactOptional() })
    .exactOptional(),
  /** Also where only `scale` was written. */
  replicas: z.int().nonnegative().exactOptional(),
  resources: z.strictObject({
    limits: z.strictObject({
      cpus: z.number().nonnegative().exactOptional(),
      memory: bytes.exactOptional(),
      pids: z.int().nonnegative().exactOptional(),
    }).exactOptional(),
    reservations: z.strictObject({
      cpus: z.number().nonnegative().exactOptional(),
      memory: bytes.exactOptional(),
      devices: z.array(ComposeGpu).exactOptional(),
    }).exactOptional(),
  }).exactOptional(),
});
export type ComposeDeploy = z.infer<typeof ComposeDeploy>;

/** A secret or config of a service; `source` is the key of the top-level one. */
export const ComposeFileUse = z.strictObject({
  source: z.string(),
  target: absolutePath,
  /** Digits. */
  uid: z.string().exactOptional(),
  gid: z.string().exactOptional(),
  /** Octal digits with a leading 0, such as `0440`. */
  mode: z.string().regex(/^0[0-7]{0,4}$/).exactOptional(),
});
export type ComposeFileUse = z.infer<typeof ComposeFileUse>;

/** `permissions`: of r, w and m. A device of CDI has its name as source and target. */
export const ComposeDevice = z.strictObject({
  source: z.string(),
  target: z.string(),
  permissions: z.string().regex(/^[rwm]{1,3}$/),
});
export type ComposeDevice = z.infer<typeof ComposeDevice>;

export const ComposeHook = z.strictObject({
  command: z.array(z.string()).min(1),
  user: z.string().exactOptional(),
  privileged: z.literal(true).exactOptional(),
  working_dir: z.string().exactOptional(),
  environment: z.record(z.string(), z.string().nullable()).exactOptional(),
});
export type ComposeHook = z.infer<typeof ComposeHook>;

/** `service:NAME`: the namespace of that service's container. */
const sharedService = z.templateLiteral(["service:", z.string().min(1)]);

export const ComposeService = sparseObject({
  image: z.string().exactOptional(),
  build: ComposeBuild.exactOptional(),
  /** null: the image's own; an empty list clears it. */
  command: z.array(z.string()).nullable(),
  entrypoint: z.array(z.string()).nullable(),
  /** null: the name was written without a value and is not set where the files were read. */
  environment: z.record(z.string(), z.string().nullable()).exactOptional(),
  labels: strings.exactOptional(),
  volumes: z.array(ComposeMount).exactOptional(),
  /** `SERVICE`, `SERVICE:ro` or `SERVICE:rw`. */
  volumes_from: z.array(z.string()).exactOptional(),
  ports: z.array(ComposePort).exactOptional(),
  /** `80`, `80/udp`, `80-82`. */
  expose: z.array(z.string()).exactOptional(),
  depends_on: z.record(z.string(), ComposeDependency).exactOptional(),
  post_start: z.array(ComposeHook).exactOptional(),
  pre_stop: z.array(ComposeHook).exactOptional(),
  healthcheck: ComposeHealthcheck.exactOptional(),
  deploy: ComposeDeploy.exactOptional(),
  container_name: z.string().exactOptional(),
  /** `SERVICE` or `SERVICE:ALIAS`. */
  links: z.array(z.string()).exactOptional(),
  platform: z.string().exactOptional(),
  pull_policy: z.string().exactOptional(),
  profiles: z.array(z.string()).exactOptional(),
  /** `PATH` or `PATH:OPTIONS`; tmpfs.ts reads them. */
  tmpfs: z.array(z.string()).exactOptional(),
  shm_size: bytes.exactOptional(),
  sysctls: strings.exactOptional(),
  annotations: strings.exactOptional(),
  cpus: z.number().positive().exactOptional(),
  cpu_shares: z.int().positive().exactOptional(),
  /** Microseconds; -1: no limit. */
  cpu_quota: z.int().exactOptional(),
  cpu_period: z.int().exactOptional(),
  cpuset: z.string().exactOptional(),
  mem_limit: bytes.exactOptional(),
  mem_reservation: bytes.exactOptional(),
  /** Memory and swap together; `-1`: as much swap as there is. */
  memswap_limit: z.string().regex(/^(-1|\d+)$/).exactOptional(),
  /** -1: no limit. */
  pids_limit: z.int().exactOptional(),
  oom_score_adj: z.int().exactOptional(),
  privileged: z.literal(true).exactOptional(),
  pid: z.string().exactOptional(),
  ipc: z.string().exactOptional(),
  uts: z.string().exactOptional(),
  userns_mode: z.string().exactOptional(),
  cgroup: z.enum(["host", "private"]).exactOptional(),
  /** A group of the host, below which its own is made. */
  cgroup_parent: z.string().exactOptional(),
  security_opt: z.array(z.string()).exactOptional(),
  group_add: z.array(z.string()).exactOptional(),
  devices: z.array(ComposeDevice).exactOptional(),
  gpus: z.array(ComposeGpu).exactOptional(),
  device_cgroup_rules: z.array(z.string()).exactOptional(),
  tty: z.literal(true).exactOptional(),
  stdin_open: z.literal(true).exactOptional(),
  /** Whom its questions about names that are not Skerry's go to. */
  dns: z.array(z.string()).exactOptional(),
  dns_search: z.array(z.string()).exactOptional(),
  dns_opt: z.array(z.string()).exactOptional(),
  /** As written; `deploy.replicas` says the same. */
  scale: z.int().nonnegative().exactOptional(),
  restart: z.string().regex(/^(no|always|unless-stopped|on-failure(:\d+)?)$/).exactOptional(),
  secrets: z.array(ComposeFileUse).exactOptional(),
  configs: z.array(ComposeFileUse).exactOptional(),
  user: z.string().exactOptional(),
  working_dir: z.string().exactOptional(),
  hostname: z.string().exactOptional(),
  domainname: z.string().exactOptional(),
  cap_add: z.array(z.string()).exactOptional(),
  cap_drop: z.array(z.string()).exactOptional(),
  read_only: z.boolean().exactOptional(),
  init: z.boolean().exactOptional(),
  stop_signal: z.string().exactOptional(),
  stop_grace_period: duration.exactOptional(),
  /** Six pairs of hexadecimal digits, with ":" or "-" between them. */
  mac_address: z.string().exactOptional(),
  ulimits: ulimits.exactOptional(),
  /** `name=address`, sorted. */
  extra_hosts: z.array(z.string()).exactOptional(),
  /** With any of them it has no networks of its own; `service:NAME`: that service's. */
  network_mode: z.union([z.enum(["none", "host"]), sharedService]).exactOptional(),
  /** Without any and without network_mode it is `default`. */
  networks: z.record(
    z.string(),
    z.strictObject({ aliases: z.array(z.string()).exactOptional() }).nullable(),
  ),
  "x-skerry": XSkerry.exactOptional(),
});
export type ComposeService = z.infer<typeof ComposeService>;

export const ComposeNetwork = z.strictObject({
  name: z.string(),
  internal: z.boolean().exactOptional(),
  external: z.literal(true).exactOptional(),
  driver: z.literal("bridge").exactOptional(),
  labels: strings.exactOptional(),
});
export type ComposeNetwork = z.infer<typeof ComposeNetwork>;

export const ComposeVolume = z.strictObject({
  name: z.string(),
  external: z.literal(true).exactOptional(),
  driver: z.literal("local").exactOptional(),
  /** A folder of the node in the volume's place: `type: none`, `o: bind`, `device: /PATH`. */
  driver_opts: strings.exactOptional(),
  labels: strings.exactOptional(),
});
export type ComposeVolume = z.infer<typeof ComposeVolume>;

/** Exactly one of `file` (absolute), `environment` (a variable's name) and `external`. */
export const ComposeSecret = z.strictObject({
  name: z.string(),
  file: absolutePath.exactOptional(),
  environment: z.string().exactOptional(),
  external: z.literal(true).exactOptional(),
});
export type ComposeSecret = z.infer<typeof ComposeSecret>;

/**
 * Exactly one of `file` (absolute), `content`, `environment` (a variable's name) and `external`: kept
 * by name among the secrets.
 */
export const ComposeConfig = z.strictObject({
  name: z.string(),
  file: absolutePath.exactOptional(),
  content: z.string().exactOptional(),
  environment: z.string().exactOptional(),
  external: z.literal(true).exactOptional(),
});
export type ComposeConfig = z.infer<typeof ComposeConfig>;

export const ComposeModel = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/),
  services: z.record(z.string(), ComposeService),
  networks: z.record(z.string(), ComposeNetwork),
  volumes: z.record(z.string(), ComposeVolume),
  secrets: z.record(z.string(), ComposeSecret),
  configs: z.record(z.string(), ComposeConfig),
});
export type ComposeModel = z.infer<typeof ComposeModel>;

/** How many of a service are to run. */
export function replicasOf(service: ComposeService): number {
  return service.deploy?.replicas ?? 1;
}
