/** Power off and on: everything on the host ends at once, and what does not outlive a boot is gone. */
import { podmanPaths } from "../../agent/drivers/podman/service.ts";
import type { Box } from "../e2e/box.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { killHost } from "../e2e/lab/leftovers.ts";
import { type HomeDisk, mountsBelow } from "./disk.ts";

/**
 * Cuts the power of a box and makes its host as after a boot: another boot id, empty /run, no
 * bridges, no firewall tables. The disk holds what was synced, and whatever else was on its way;
 * without one of its own everything that was written is there.
 */
export async function cutPower(lab: Lab, box: Box, disk: HomeDisk | null): Promise<void> {
  const { host, layout } = box;
  disk?.cutPower();
  await killHost(lab.tag, host.name);
  for (const folder of [`${layout.home}/`, layout.runDir, "/run/netns", "/run/containers"]) {
    for (const path of (await mountsBelow(host, folder)).reverse()) {
      // Those two are the host's own mounts and stay; the machine's, which they cover, cannot go.
      if (path !== "/run/netns" && path !== "/run/containers") await host.run(["umount", path]);
    }
  }
  await host.must(["rm", "-rf", layout.runDir]);
  await host.must(["find", "/run/netns", "/run/containers", "-mindepth", "1", "-delete"]);
  for (const link of await linksOf(box)) await host.run(["ip", "link", "delete", link]);
  await host.must(["nft", "flush", "ruleset"]);
  await disk?.mountAgain();
  await forgetRuntime(box);
  await newBootId(box);
}

/** The runtime's notes on containers lie in one folder for the whole machine. */
async function forgetRuntime({ layout, host }: Box): Promise<void> {
  const folder = `${host.root}${podmanPaths(layout).root}/overlay-containers`;
  for (const { name } of await Array.fromAsync(Deno.readDir(folder))) {
    if (!/^[0-9a-f]{64}$/.test(name)) continue;
    for (const runtime of ["runc", "crun"]) {
      await Deno.remove(`/run/${runtime}/${name}`, { recursive: true }).catch(() => {});
    }
  }
}

/** Those that a boot would not bring back: all but the host's own. */
async function linksOf(box: Box): Promise<readonly string[]> {
  return (await box.host.must(["ip", "-o", "link"])).split("\n")
    .map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? "")
    .filter((name) => name !== "" && name !== "lo" && !/^eth\d+$/.test(name));
}

/** The kernel's own cannot be changed: another file is laid over it. */
async function newBootId(box: Box): Promise<void> {
  const path = "/proc/sys/kernel/random/boot_id";
  const file = `/dev/shm/boot-${crypto.randomUUID()}`;
  await box.host.must(["dd", `of=${file}`, "status=none"], { stdin: `${crypto.randomUUID()}\n` });
  await box.host.must(["mount", "--bind", file, path]);
}
