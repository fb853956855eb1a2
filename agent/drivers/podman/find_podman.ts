/** Finds Podman and its helpers on the host, and says what is missing and how to get it. */
import { readProc } from "./proc.ts";

export type CgroupMode = "unified" | "hybrid" | "legacy" | "none";

export interface PodmanParts {
  readonly podman: string;
  readonly conmon: string;
  readonly netavark: string;
  /** crun or runc, whichever works with the host's cgroups. */
  readonly runtime: string;
  readonly iptables: string;
  readonly init: string | null;
  readonly cgroups: CgroupMode;
  readonly systemd: boolean;
}

export interface MissingPart {
  readonly name: string;
  readonly message: string;
  readonly remedy: string;
}

export interface PodmanFound {
  /** Null: something that is needed is missing. */
  readonly parts: PodmanParts | null;
  /** Missing, the needful first; `init` alone is no obstacle. */
  readonly missing: readonly MissingPart[];
}

export interface FindDeps {
  /** Is there an executable file? */
  readonly isProgram: (path: string) => Promise<boolean>;
  readonly exists: (path: string) => Promise<boolean>;
  /** Value of PATH. */
  readonly path: string;
  /** Command name of process 1. */
  readonly initName: () => Promise<string>;
}

const HELPER_DIRS = [
  "/usr/local/libexec/podman",
  "/usr/local/lib/podman",
  "/usr/libexec/podman",
  "/usr/lib/podman",
  "/usr/libexec",
];
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A program by its name: on PATH, in the system's folders, in Podman's helper folders. */
async function find(deps: FindDeps, name: string): Promise<string | null> {
  const dirs = [...deps.path.split(":"), ...SYSTEM_PATH.split(":"), ...HELPER_DIRS];
  for (const dir of dirs) {
    if (dir.startsWith("/") && await deps.isProgram(`${dir}/${name}`)) return `${dir}/${name}`;
  }
  return null;
}

async function cgroupMode(deps: FindDeps): Promise<CgroupMode> {
  if (await deps.exists("/sys/fs/cgroup/cgroup.controllers")) return "unified";
  if (await deps.exists("/sys/fs/cgroup/unified/cgroup.controllers")) return "hybrid";
  return await deps.exists("/sys/fs/cgroup/memory") ? "legacy" : "none";
}

const install = (packages: string): string =>
  `Install it: apt-get install ${packages} (Debian, Ubuntu) or dnf install ${packages} (Fedora, RHEL).`;

export async function findPodman(deps: FindDeps = hostFindDeps()): Promise<PodmanFound> {
  const [podman, conmon, netavark, crun, runc, iptables, init, cgroups, initName] = await Promise
    .all([
      find(deps, "podman"),
      find(deps, "conmon"),
      find(deps, "netavark"),
      find(deps, "crun"),
      find(deps, "runc"),
      find(deps, "iptables"),
      find(deps, "catatonit"),
      cgroupMode(deps),
      deps.initName(),
    ]);
  const runtime = cgroups === "unified"
    ? crun ?? runc
    : runc ?? (cgroups === "legacy" ? crun : null);
  const missing: MissingPart[] = [];
  const need = (path: string | null, name: string, message: string, packages: string): void => {
    if (path === null) missing.push({ name, message, remedy: install(packages) });
  };
  need(podman, "podman", "Podman is not installed.", "podman");
  need(
    conmon,
    "conmon",
    "conmon, which keeps a container's process and log, is missing.",
    "conmon",
  );
  need(
    netavark,
    "netavark",
    "netavark, which gives containers their network, is missing.",
    "netavark",
  );
  need(
    runtime,
    "runtime",
    crun === null
      ? "No container runtime (crun or runc) is installed."
      : "crun is installed, but it refuses this host's hybrid cgroups; runc works with them.",
    "runc",
  );
  need(iptables, "iptables", "iptables is missing, and netavark fails without it.", "iptables");
  if (cgroups === "none") {
    missing.push({
      name: "cgroups",
      message: "No cgroups are mounted on /sys/fs/cgroup.",
      remedy: "Boot with cgroups (systemd mounts them), or mount cgroup2 on /sys/fs/cgroup.",
    });
  }
  const parts = podman === null || conmon === null || netavark === null || runtime === null ||
      iptables === null || cgroups === "none"
    ? null
    : {
      podman,
      conmon,
      netavark,
      runtime,
      iptables,
      init,
      cgroups,
      systemd: initName.trim() === "systemd",
    };
  need(init, "init", "catatonit is missing; services with init: true do not start.", "catatonit");
  return { parts, missing };
}

/** Looks at this machine. */
export function hostFindDeps(): FindDeps {
  const stat = (path: string) => Deno.stat(path).catch(() => null);
  return {
    async isProgram(path) {
      const info = await stat(path);
      return info !== null && info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
    },
    exists: async (path) => await stat(path) !== null,
    path: Deno.env.get("PATH") ?? "",
    initName: async () => await readProc("1/comm") ?? "",
  };
}
