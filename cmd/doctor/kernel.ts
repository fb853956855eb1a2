/** The kernel, its cgroups and what else it holds against containers. Pure. */
import { atLeast } from "./at_least.ts";
import { bad, type Finding, install, ok, warning } from "./finding.ts";

export interface KernelFacts {
  /** Such as `6.1.0-18-amd64`. */
  readonly release: string;
  /** What was tried, and the reason why it did not work; null: it worked; absent: not tried. */
  readonly tried: Readonly<Partial<Record<Feature, string | null>>>;
  /** wireguard-go, absolute; null: it is not there. */
  readonly wireguardGo: string | null;
  /** /dev/net/tun is there. */
  readonly tun: boolean;
  readonly ipForward: boolean | null;
}

/** What Skerry asks of a kernel. */
export type Feature = "overlayfs" | "nftables" | "bridge" | "veth" | "wireguard";

const LEAST = [5, 4] as const;

const FEATURE: Readonly<Record<Exclude<Feature, "wireguard">, { why: string; remedy: string }>> = {
  overlayfs: { why: "layers of images", remedy: "modprobe overlay" },
  nftables: { why: "the firewall", remedy: "modprobe nf_tables" },
  bridge: { why: "the containers' network", remedy: "modprobe bridge" },
  veth: { why: "the containers' network", remedy: "modprobe veth" },
};

/** The kernel and what of it is needed. */
export function kernelFindings(kernel: KernelFacts): Finding[] {
  const [major = 0, minor = 0] = kernel.release.split(/[.-]/).map(Number);
  const old = major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]);
  const features = Object.entries(FEATURE).flatMap(([name, { why, remedy }]): Finding[] => {
    const error = Object.entries(kernel.tried).find(([each]) => each === name)?.[1];
    if (error === undefined) return [];
    return error === null ? [ok(name, "works")] : [
      bad(name, `${error} (${why})`, `${remedy}; where that fails, boot a kernel that has it`),
    ];
  });
  return [
    old
      ? warning(
        "kernel",
        `${kernel.release}, older than any that Skerry was tried on (${LEAST.join(".")})`,
        "apt-get install -y linux-image-amd64 && reboot",
      )
      : ok("kernel", kernel.release),
    ...features,
    ...wireguard(kernel),
    kernel.ipForward === false
      ? ok("forwarding", "off; `skerry up` turns it on")
      : ok("forwarding", kernel.ipForward === null ? "not known" : "on"),
  ];
}

/** Boxes join over it; one box alone does without. */
function wireguard({ tried, wireguardGo, tun }: KernelFacts): Finding[] {
  const error = tried.wireguard;
  if (error === undefined) return [];
  const what = "wireguard";
  if (error === null) return [ok(what, "in the kernel")];
  if (wireguardGo !== null && tun) return [ok(what, `by ${wireguardGo}`)];
  const alone = "several boxes cannot join; one alone does without";
  return [
    wireguardGo === null
      ? warning(what, `not in the kernel: ${error} (${alone})`, install("wireguard-go"))
      : warning(what, `/dev/net/tun is missing (${alone})`, "modprobe tun"),
  ];
}

export interface CgroupFacts {
  readonly mode: "unified" | "hybrid" | "legacy" | "none";
  /** Controllers that containers can have. */
  readonly controllers: readonly string[];
  /** Absolute path of the runtime that fits; null: none. */
  readonly runtime: string | null;
  /** What `--version` of it says, such as `runc version 1.1.5+ds1`; null: it does not run. */
  readonly runtimeSays: string | null;
}

const MODE = { unified: "v2", hybrid: "hybrid", legacy: "v1" } as const;
const NEEDED = ["cpu", "memory", "pids"] as const;

/** The first of each that does all that Skerry asks of it (cgroups v2, both of them). */
const RUNTIME_LEAST: Readonly<Record<string, readonly number[]>> = {
  runc: [1, 1, 0],
  crun: [1, 5, 0],
};

function runtimeFinding(path: string, said: string | null): Finding {
  const what = "runtime";
  const name = path.split("/").at(-1) ?? path;
  const again = `apt-get install -y --reinstall ${name}`;
  if (said === null) return bad(what, `${path} does not run`, again);
  const version = /\bversion:? (\d+\.\d+(?:\.\d+)?\S*)/.exec(said)?.[1];
  if (version === undefined) return bad(what, `${path} tells no version`, again);
  const least = RUNTIME_LEAST[name];
  return least === undefined || atLeast(version, least)
    ? ok(what, `${path}, ${version}`)
    : bad(what, `${path} is ${version}, older than ${least.join(".")}`, install(name));
}

/** cgroups, and the program that starts containers in them. */
export function cgroupFindings(facts: CgroupFacts): Finding[] {
  const { mode, controllers, runtime, runtimeSays } = facts;
  const what = "cgroups";
  if (mode === "none") {
    return [
      bad(what, "none are mounted", "mount -t cgroup2 none /sys/fs/cgroup, or boot with systemd"),
    ];
  }
  const lacking = NEEDED.filter((name) => !controllers.includes(name));
  const found = MODE[mode];
  const limits = lacking.length === 0 ? ok(what, found) : bad(
    what,
    `${found}, without ${lacking.join(", ")}: such limits of containers do not hold`,
    lacking.includes("memory")
      ? "add `cgroup_enable=memory cgroup_memory=1` to the kernel's command line " +
        "(GRUB_CMDLINE_LINUX in /etc/default/grub and update-grub; on a Raspberry Pi " +
        "/boot/firmware/cmdline.txt), then reboot"
      : `boot a kernel with the controllers ${lacking.join(", ")}`,
  );
  return [
    limits,
    runtime === null
      ? bad("runtime", `none that works with cgroups ${found}`, install("runc"))
      : runtimeFinding(runtime, runtimeSays),
  ];
}

export interface SecurityFacts {
  readonly root: boolean;
  /** The kernel's own ids are ours: no user namespace. */
  readonly ownNamespace: boolean;
  readonly selinux: "enforcing" | "permissive" | "off";
}

/** Rootless and SELinux, which are not supported. */
export function securityFindings({ root, ownNamespace, selinux }: SecurityFacts): Finding[] {
  return [
    root
      ? ok("user", "root")
      : bad("user", "not root: running rootless is not supported", "sudo skerry doctor"),
    ...(ownNamespace ? [] : [
      bad(
        "user namespace",
        "this runs in a user namespace (a rootless or unprivileged container), which is not supported",
        "run it on the host itself, or in a privileged container or a virtual machine",
      ),
    ]),
    selinux === "enforcing"
      ? bad(
        "selinux",
        "enforcing, which is not supported: containers may not read what is mounted into them",
        "setenforce 0 && sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config",
      )
      : ok("selinux", selinux),
  ];
}
