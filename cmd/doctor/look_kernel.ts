/** Looks at the kernel for `skerry doctor`; what is tried is undone at once. */
import { findPodman, hostFindDeps } from "../../agent/drivers/podman/find_podman.ts";
import type { CgroupFacts, Feature, KernelFacts, SecurityFacts } from "./kernel.ts";
import { findProgram, type Probe, textOf, there } from "./probe.ts";

/** An interface of that type is made and removed again; the reason why not, null: it worked. */
async function linkError(run: Probe, type: string): Promise<string | null> {
  const name = `skd${type.slice(0, 2)}${Deno.pid % 1_000_000}`;
  const made = await run(["ip", "link", "add", name, "type", type]);
  if (!made.ok) return made.reason;
  await run(["ip", "link", "del", name]);
  return null;
}

async function overlayError(run: Probe, release: string): Promise<string | null> {
  const known = async () => /\boverlay$/m.test(await textOf("/proc/filesystems"));
  if (await known()) return null;
  const dependencies = await textOf(`/lib/modules/${release}/modules.dep`);
  if (/\/overlay\.ko/.test(dependencies)) {
    const loaded = await run(["modprobe", "overlay"]);
    if (!loaded.ok) return loaded.reason;
  }
  return await known() ? null : "the kernel does not know it";
}

/** What the kernel can do. Without root nothing is tried. */
export async function lookAtKernel(run: Probe, root: boolean, path: string): Promise<KernelFacts> {
  const release = (await textOf("/proc/sys/kernel/osrelease")).trim();
  const tried: Partial<Record<Feature, string | null>> = {};
  if (root) {
    tried.overlayfs = await overlayError(run, release);
    const nft = await run(["nft", "list", "tables"]);
    tried.nftables = nft.ok ? null : nft.reason;
    for (const type of ["bridge", "veth", "wireguard"] as const) {
      tried[type] = await linkError(run, type);
    }
  }
  const forward = (await textOf("/proc/sys/net/ipv4/ip_forward")).trim();
  return {
    release,
    tried,
    wireguardGo: await findProgram("wireguard-go", path),
    tun: await there("/dev/net/tun"),
    ipForward: forward === "" ? null : forward === "1",
  };
}

/** Controllers by either version's own list. */
async function controllers(): Promise<string[]> {
  const unified = await textOf("/sys/fs/cgroup/cgroup.controllers");
  const old = (await textOf("/proc/cgroups")).split("\n").flatMap((line) => {
    const [name, hierarchy, , enabled] = line.split("\t");
    // Hierarchy 0: it is with v2, whose own list says whether it can be had.
    return name !== undefined && enabled === "1" && hierarchy !== "0" ? [name] : [];
  });
  return [...unified.trim().split(" "), ...old].filter((name) => name !== "");
}

/** cgroups, and what starts containers in them. */
export async function lookAtCgroups(run: Probe, path: string): Promise<CgroupFacts> {
  const { parts, missing } = await findPodman(hostFindDeps());
  const lacking = missing.some(({ name }) => name === "cgroups");
  const unified = await there("/sys/fs/cgroup/cgroup.controllers");
  const hybrid = await there("/sys/fs/cgroup/unified/cgroup.controllers");
  const isMissing = missing.some(({ name }) => name === "runtime");
  // Another part is missing where there are none.
  const runtime = parts?.runtime ??
    (isMissing ? null : await findProgram(unified ? "crun" : "runc", path) ??
      await findProgram("runc", path) ?? await findProgram("crun", path));
  const said = runtime === null ? null : await run([runtime, "--version"]);
  return {
    mode: parts?.cgroups ??
      (lacking ? "none" : unified ? "unified" : hybrid ? "hybrid" : "legacy"),
    controllers: await controllers(),
    runtime,
    runtimeSays: said?.ok === true ? said.text : null,
  };
}

/** Who runs this, and what holds against it. */
export async function lookAtSecurity(root: boolean): Promise<SecurityFacts> {
  const enforcing = (await textOf("/sys/fs/selinux/enforce")).trim();
  const map = (await textOf("/proc/self/uid_map")).trim().split(/\s+/);
  return {
    root,
    ownNamespace: map.length < 3 || (map[0] === "0" && map[1] === "0" && map[2] === "4294967295"),
    selinux: enforcing === "1" ? "enforcing" : enforcing === "0" ? "permissive" : "off",
  };
}
