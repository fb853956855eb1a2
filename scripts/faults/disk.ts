/**
 * A home folder on an ext4 file system of its own, whose power can be cut: what was not synced is
 * gone then, by the file system's own ioctl for that (EXT4_IOC_SHUTDOWN without a flush of its
 * journal), and the journal is replayed at the next mount, as after a real one. What is not
 * simulated: a disk that lies about its own cache, and sectors that are torn.
 */
import { podmanPaths } from "../../agent/drivers/podman/service.ts";
import type { Box } from "../e2e/box.ts";
import type { LabHost } from "../e2e/lab/host.ts";
import { until } from "../e2e/lab/program.ts";

export interface HomeDisk {
  /** From now on nothing that is not on the disk gets there; every call on its files fails. */
  cutPower(): void;
  /**
   * Takes it down and up again, as a boot does; the journal is replayed. No process may use it.
   * @param meanwhile what is done to the image while it is down
   */
  mountAgain(meanwhile?: () => Promise<void>): Promise<void>;
  /** The file system meets an error and turns read-only under those who use it (errors=remount-ro). */
  fail(): Promise<void>;
}

/** `_IOR('X', 125, __u32)`. */
const EXT4_IOC_SHUTDOWN = 0x8004587dn;
/** Nothing is written any more, not even the journal. */
const NO_LOG_FLUSH = 2;

/** Makes it and mounts it on `folder`; the disk itself is a file, in the host's own /dev/shm. */
export async function createHomeDisk(
  host: LabHost,
  folder: string,
  megabytes = 1024,
  image = "/dev/shm/home.img",
): Promise<HomeDisk> {
  await host.must(["truncate", "-s", `${megabytes}M`, image]);
  await host.must(["mkfs.ext4", "-q", "-F", "-m", "0", image]);
  await host.must(["mkdir", "-p", folder]);
  const mount = () => host.must(["mount", "-o", "loop,errors=remount-ro", image, folder]);
  await mount();
  return {
    cutPower: () => shutDown(`${host.root}${folder}`),
    async mountAgain(meanwhile) {
      // The kernel lets go of what killed processes held a moment after they are gone.
      await until(`"${folder}" to be let go`, async () => {
        const mounts = (await mountsBelow(host, folder)).reverse();
        for (const path of mounts) await host.run(["umount", path]);
        return mounts.length === 0;
      });
      await meanwhile?.();
      // What an error left behind is looked at, as by a boot with fsck.repair=yes; 1: mended.
      const { code, stdout } = await host.run(["fsck.ext4", "-y", image]);
      if (code > 1) throw new Error(`fsck of the home's disk ended with ${code}: ${stdout}`);
      await mount();
    },
    async fail() {
      const source = await host.must(["findmnt", "--noheadings", "--output", "SOURCE", folder]);
      const device = source.trim().replace(/^.*\//, "");
      await Deno.writeTextFile(`/sys/fs/ext4/${device}/trigger_fs_error`, "a fault");
    },
  };
}

/** Mount points at and below a folder (only below, where it ends with "/"), the outer ones first. */
export async function mountsBelow(host: LabHost, folder: string): Promise<string[]> {
  const below = folder.endsWith("/") ? folder : `${folder}/`;
  return (await host.must(["cat", "/proc/self/mounts"])).split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path === folder || path.startsWith(below));
}

/** Of Podman's service on a box. */
export async function podmanPid({ host, layout }: Box): Promise<number> {
  const state = `${host.root}${podmanPaths(layout).stateFile}`;
  return Number(JSON.parse(await Deno.readTextFile(state)).pid);
}

function shutDown(path: string): void {
  const library = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  try {
    const file = library.symbols.open(new TextEncoder().encode(`${path}\0`), 0);
    if (file < 0) throw new Error(`cannot open "${path}" to cut its power`);
    const answer = library.symbols.ioctl(file, EXT4_IOC_SHUTDOWN, new Uint32Array([NO_LOG_FLUSH]));
    library.symbols.close(file);
    if (answer !== 0) {
      throw new Error(`"${path}" takes no EXT4_IOC_SHUTDOWN: it must be ext4, and this be root`);
    }
  } finally {
    library.close();
  }
}
