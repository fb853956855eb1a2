/** The configuration files of a home's own Podman. Pure. */
import type { DefaultUlimits } from "./create_body.ts";

export interface ServiceSettings {
  /** Absolute path of crun or runc. */
  readonly runtime: string;
  readonly conmon: string;
  /** Folder that netavark lies in. */
  readonly helperDirs: readonly string[];
  readonly cgroupManager: "cgroupfs" | "systemd";
  readonly ulimits: DefaultUlimits;
  /** Path of catatonit for `init: true`; null: not there. */
  readonly init: string | null;
}

/** A TOML string: JSON's escapes are a subset of TOML's. */
const quoted = (text: string): string => JSON.stringify(text);
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(", ")}]`;

/**
 * Docker's own but for NET_RAW, with which a container on our bridge could claim a neighbour's
 * address and take its traffic. iputils' `ping` needs only the sysctl, busybox's `cap_add: [NET_RAW]`.
 */
const CAPABILITIES = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

/** `containers.conf`, given by CONTAINERS_CONF so that the host's own is not read. */
export function renderContainersConf(settings: ServiceSettings): string {
  const { ulimits } = settings;
  const runtime = settings.runtime.split("/").at(-1) ?? "runc";
  const lines = [
    "# Written by Skerry at every start; changes here are lost.",
    "[containers]",
    `default_ulimits = ${
      list([
        `nofile=${ulimits.nofile}:${ulimits.nofile}`,
        `nproc=${ulimits.nproc}:${ulimits.nproc}`,
      ])
    }`,
    `default_capabilities = ${list(CAPABILITIES)}`,
    'default_sysctls = ["net.ipv4.ping_group_range=0 2147483647"]',
    'base_hosts_file = "none"',
    'log_driver = "k8s-file"',
    "log_size_max = -1",
    "http_proxy = false",
    "pids_limit = 2048",
    ...(settings.init === null ? [] : [`init_path = ${quoted(settings.init)}`]),
    "",
    "[network]",
    'network_backend = "netavark"',
    "",
    "[engine]",
    `runtime = ${quoted(runtime)}`,
    `cgroup_manager = ${quoted(settings.cgroupManager)}`,
    `conmon_path = ${list([settings.conmon])}`,
    `helper_binaries_dir = ${list(settings.helperDirs)}`,
    'events_logger = "file"',
    "# Locks in files: shared memory is one segment a machine.",
    'lock_type = "file"',
    "# Seconds that the keeper of a finished command lives on; the default is 300.",
    "exit_command_delay = 3",
    'image_default_transport = "docker://"',
    "",
    "[engine.runtimes]",
    `${runtime} = ${list([settings.runtime])}`,
    "",
  ];
  return lines.join("\n");
}

/** `storage.conf`; the folders are given as arguments too, for Podman's own helpers. */
export function renderStorageConf(root: string, runRoot: string): string {
  return [
    "# Written by Skerry at every start; changes here are lost.",
    "[storage]",
    'driver = "overlay"',
    `graphroot = ${quoted(root)}`,
    `runroot = ${quoted(runRoot)}`,
    "",
  ].join("\n");
}

/** `policy.json`: signatures of images are not asked for; the pin's digest is what counts. */
export function renderPolicy(): string {
  return `${JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }, null, 2)}\n`;
}

/** Is it `host`, `host:port` or `host/path` that may stand in registries.conf? */
export function isRegistryName(text: string): boolean {
  return text.length <= 255 &&
    /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?(?:\/[a-z0-9._/-]+)?$/.test(text);
}

/** Docker's default for both, where the host allows it. */
const MOST = 1_048_576;

/**
 * The most that a container's processes may be given: the hard limits of our own process, from
 * /proc/self/limits. Podman lowers its own nproc to kernel.pid_max, and without CAP_SYS_RESOURCE
 * nobody below it gets more.
 */
export function parseUlimits(limits: string, pidMax: string): DefaultUlimits {
  const hard = (name: string): number => {
    const match = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, "m").exec(limits);
    return bounded(match?.[1] ?? "");
  };
  return {
    nofile: hard("Max open files"),
    nproc: Math.min(hard("Max processes"), bounded(pidMax.trim())),
  };
}

/** A positive number up to {@link MOST}; everything else, such as `unlimited`, is that. */
function bounded(text: string): number {
  const value = Number(text);
  return text !== "" && Number.isSafeInteger(value) && value > 0 ? Math.min(value, MOST) : MOST;
}
