/**
 * The body of POST /containers/create. Pure. Podman ignores field names that it does not know, so
 * every name here was tried on 4.3.1 and is kept by a golden.
 */
import type { ContainerCreate, MountCreate } from "./driver.ts";
import { accessOf } from "./create_access.ts";
import { podmanError } from "./errors.ts";
import { labelsOf } from "./identity.ts";
import { signalNumber } from "./signals.ts";

/** What a process in a container may have at most where its spec does not say. */
export interface DefaultUlimits {
  readonly nofile: number;
  readonly nproc: number;
}

export interface CreateBodyOptions {
  readonly ulimits: DefaultUlimits;
  /** The image's own entrypoint, needed where the spec clears the command only. */
  readonly imageEntrypoint?: readonly string[];
}

/** Microseconds over which the CPU quota is counted: the kernel's and Docker's default. */
const CPU_PERIOD_US = 100_000;

/** The JSON value to send. Throws `invalid` for a stop signal that does not exist. */
export function renderCreateBody(
  create: ContainerCreate,
  options: CreateBodyOptions,
): Record<string, unknown> {
  const { spec, network } = create;
  const body: Record<string, unknown> = {
    name: create.name,
    image: create.imageId,
    labels: labelsOf(create),
    env: create.env,
    terminal: spec.terminal?.tty ?? false,
    stdin: spec.terminal?.stdin ?? false,
    // In another's process namespace it is not the first, and only the first can be an init.
    init: spec.init && create.shares?.pid === undefined,
    read_only_filesystem: spec.readOnly,
    restart_policy: "no",
    log_configuration: { driver: "k8s-file" },
    // The agent checks health itself; an image's own check would want systemd timers.
    healthconfig: { Test: ["NONE"] },
    stop_timeout: Math.ceil(spec.stopGraceMs / 1000),
    cap_add: spec.capAdd,
    cap_drop: spec.capDrop,
    r_limits: ulimitsOf(create, options.ulimits),
    mounts: create.mounts.flatMap(mountOf),
    volumes: create.mounts.flatMap(volumeOf),
    ...networkOf(create),
    ...accessOf(spec.access ?? {}),
    ...sharedOf(create),
  };
  if (spec.annotations !== undefined) body.annotations = spec.annotations;
  const { shmBytes, oomScoreAdj } = spec.resources;
  if (shmBytes !== undefined) body.shm_size = shmBytes;
  if (oomScoreAdj !== undefined) body.oom_score_adj = oomScoreAdj;
  const limits = resourceLimits(create);
  if (Object.keys(limits).length > 0) body.resource_limits = limits;
  // A lone empty word clears the image's entrypoint and its command; an empty list would not.
  if (spec.entrypoint !== undefined) {
    body.entrypoint = spec.entrypoint.length === 0 ? [""] : spec.entrypoint;
  } else if (spec.command?.length === 0) {
    const own = options.imageEntrypoint ?? [];
    body.entrypoint = own.length === 0 ? [""] : own;
  }
  if (spec.command !== undefined) body.command = spec.command;
  if (spec.hostname !== undefined) body.hostname = spec.hostname;
  if (spec.domainname !== undefined) {
    // As Docker does it: what the runtime calls domainname, runc of Debian 12 does not know.
    body.sysctl = { "kernel.domainname": spec.domainname, ...spec.access?.sysctls };
  }
  if (spec.user !== undefined) body.user = spec.user;
  if (spec.workingDir !== undefined) body.work_dir = spec.workingDir;
  if (spec.stopSignal !== undefined) {
    const number = signalNumber(spec.stopSignal);
    if (number === null) {
      throw podmanError(
        "invalid",
        `creating the container "${create.name}"`,
        `no such stop signal: "${spec.stopSignal}"`,
      );
    }
    body.stop_signal = number;
  }
  const hosts = spec.extraHosts.flatMap(({ name, address }) => {
    if (address !== "host-gateway") return [`${name}:${address}`];
    return network === null ? [] : [`${name}:${network.dnsServer}`];
  });
  if (hosts.length > 0) body.hostadd = hosts;
  return body;
}

/** Whose namespaces it joins. Names and their servers come with the network, and cannot be given. */
function sharedOf({ shares = {} }: ContainerCreate): Record<string, unknown> {
  const joined = (value: string | undefined) => ({ nsmode: "container", value });
  return {
    ...(shares.network === undefined ? {} : { netns: joined(shares.network) }),
    ...(shares.ipc === undefined ? {} : { ipcns: joined(shares.ipc) }),
    ...(shares.pid === undefined ? {} : { pidns: joined(shares.pid) }),
  };
}

function networkOf(create: ContainerCreate): Record<string, unknown> {
  const { network } = create;
  if (create.shares?.network !== undefined) return {};
  if (network === null) {
    if (create.spec.hostNetwork !== true) return { netns: { nsmode: "none" } };
    // On the host's network nobody stands between it and the servers that it names.
    const { servers, search, options } = create.spec.resolver ?? {};
    return {
      netns: { nsmode: "host" },
      ...(servers === undefined ? {} : { dns_server: servers }),
      ...(search === undefined || search.length === 0 ? {} : { dns_search: search }),
      ...(options === undefined || options.length === 0 ? {} : { dns_option: options }),
    };
  }
  return {
    netns: { nsmode: "bridge" },
    Networks: {
      [network.name]: {
        static_ips: [network.address],
        static_mac: create.spec.macAddress ?? macOf(network.address),
        interface_name: "eth0",
        aliases: [],
      },
    },
    dns_server: [network.dnsServer],
    dns_search: network.dnsSearch,
    // With the firewall's silence on a closed port 53 a name asked for while the agent is replaced
    // is asked for again a second later, instead of failing at once.
    dns_option: ["ndots:1", "timeout:1", "attempts:5", ...(create.spec.resolver?.options ?? [])],
  };
}

function resourceLimits(create: ContainerCreate): Record<string, unknown> {
  const { cpus, memoryBytes, memoryReservationBytes, memorySwapBytes, pids, cpuShares, cpuset } =
    create.spec.resources;
  const limits: Record<string, unknown> = {};
  const cpu = {
    ...(cpus === undefined
      ? {}
      : { quota: Math.round(cpus * CPU_PERIOD_US), period: CPU_PERIOD_US }),
    ...(cpuShares === undefined ? {} : { shares: cpuShares }),
    ...(cpuset === undefined ? {} : { cpus: cpuset }),
  };
  if (Object.keys(cpu).length > 0) limits.cpu = cpu;
  if (memoryBytes !== undefined || memoryReservationBytes !== undefined) {
    limits.memory = {
      // Swap counts both together: equal means no swap beyond the memory.
      ...(memoryBytes === undefined
        ? {}
        : { limit: memoryBytes, swap: memorySwapBytes ?? memoryBytes }),
      ...(memoryReservationBytes === undefined ? {} : { reservation: memoryReservationBytes }),
    };
  }
  if (pids !== undefined) limits.pids = { limit: pids };
  return limits;
}

/** A list replaces Podman's defaults wholly, so nofile and nproc are always in it. Sorted. */
function ulimitsOf(create: ContainerCreate, defaults: DefaultUlimits): readonly unknown[] {
  const byName = new Map<string, { soft: number; hard: number }>([
    ["nofile", { soft: defaults.nofile, hard: defaults.nofile }],
    ["nproc", { soft: defaults.nproc, hard: defaults.nproc }],
  ]);
  for (const { name, soft, hard } of create.spec.ulimits) {
    byName.set(name.toLowerCase().replace(/^rlimit_/, ""), { soft, hard });
  }
  return [...byName].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([type, { soft, hard }]) => ({ type, soft, hard }));
}

function mountOf(mount: MountCreate): readonly unknown[] {
  switch (mount.kind) {
    case "volume":
      return [];
    case "bind":
      return [{
        destination: mount.target,
        type: "bind",
        source: mount.source,
        options: ["rbind", mount.readOnly ? "ro" : "rw", mount.propagation ?? "rprivate"],
      }];
    case "tmpfs": {
      const options = [mount.readOnly ? "ro" : "rw", "nosuid", "nodev", ...(mount.options ?? [])];
      if (mount.sizeBytes !== undefined) options.push(`size=${mount.sizeBytes}`);
      options.push(`mode=${(mount.mode ?? 0o1777).toString(8).padStart(4, "0")}`);
      return [{ destination: mount.target, type: "tmpfs", source: "tmpfs", options }];
    }
    default: {
      const never: never = mount.kind;
      return never;
    }
  }
}

function volumeOf(mount: MountCreate): readonly unknown[] {
  if (mount.kind !== "volume") return [];
  const options = [
    mount.readOnly ? "ro" : "rw",
    ...(mount.noCopy === true ? ["nocopy"] : []),
    // Podman binds the volume with options of its own, and would undo that of what is mounted.
    ...(mount.noExec === true ? ["noexec"] : []),
  ];
  return [{ Name: mount.source, Dest: mount.target, Options: options }];
}

/**
 * A locally administered address made from the IPv4 one. A container that is started again, or one
 * that takes over a freed address, then has the link address that neighbours still remember;
 * with a random one they send to nowhere until their entry is stale.
 */
export function macOf(address: string): string {
  const octets = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["02", "5c", ...octets].join(":");
}
