/**
 * A home's disk whose contents are kept at many moments while the box runs, so that one passage
 * gives a power cut at each of its moments. The image lies on an XFS of its own and is cloned
 * (FICLONE): what the disk holds in that moment, nothing flushed for it, in a few milliseconds, and
 * clones share the blocks that are the same.
 */
import type { LabHost } from "../e2e/lab/host.ts";
import { requirePrograms } from "../e2e/lab/leftovers.ts";
import { createHomeDisk, type HomeDisk } from "./disk.ts";

const FOLDER = "/dev/shm/film";
const IMAGE = `${FOLDER}/home.img`;

/** `_IOW(0x94, 9, int)`. */
const FICLONE = 0x40049409n;
const WRITE_CREATE = 0x41;
const CLOEXEC = 0x80000;

export interface FilmedDisk extends HomeDisk {
  /** Keeps what the disk holds now, under a name. */
  keep(name: string): void;
  /** Where each part of what was kept lies: equal for two, it is the same blocks and so the same disk. */
  blocksOf(name: string): Promise<string>;
  /** The same disk; what was kept is on it once it has been taken down and up again. */
  holding(name: string): HomeDisk;
  close(): void;
}

/** Makes it and mounts it on `folder`. */
export async function createFilmedDisk(
  host: LabHost,
  folder: string,
  megabytes = 1024,
): Promise<FilmedDisk> {
  await requirePrograms({ "mkfs.xfs": "xfsprogs", filefrag: "e2fsprogs" });
  const stock = "/dev/shm/film.img";
  // In memory: only what differs between moments takes any.
  await host.must(["truncate", "-s", "16G", stock]);
  await host.must(["mkfs.xfs", "-q", "-m", "reflink=1", stock]);
  await host.must(["mkdir", "-p", FOLDER]);
  await host.must(["mount", "-o", "loop", stock, FOLDER]);
  const disk = await createHomeDisk(host, folder, megabytes, IMAGE);
  const library = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
    ioctl: { parameters: ["i32", "u64", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { open, ioctl, close } = library.symbols;
  const opened = (path: string, flags: number) => {
    const bytes = new TextEncoder().encode(`${host.root}${path}\0`);
    const file = open(bytes, flags | CLOEXEC, 0o600);
    if (file < 0) throw new Error(`cannot open "${path}" of host "${host.name}"`);
    return file;
  };
  const pathOf = (name: string) => `${FOLDER}/${name}.kept`;
  const clone = (from: string, to: string) => {
    const source = opened(from, 0);
    const target = opened(to, WRITE_CREATE);
    const answer = ioctl(target, FICLONE, source);
    close(source);
    close(target);
    if (answer !== 0) throw new Error(`"${from}" cannot be cloned to "${to}"`);
  };
  return {
    ...disk,
    keep: (name) => clone(IMAGE, pathOf(name)),
    async blocksOf(name) {
      const blocks = blocksIn(await host.must(["filefrag", "-e", "-b4096", pathOf(name)]));
      if (blocks === "") throw new Error(`filefrag names no blocks of "${name}"`);
      return blocks;
    },
    holding: (name) => ({
      ...disk,
      mountAgain: (meanwhile) =>
        disk.mountAgain(async () => {
          await meanwhile?.();
          clone(pathOf(name), IMAGE);
        }),
    }),
    close: () => library.close(),
  };
}

/**
 * From filefrag's table, in which a line is a part: its number, from … to in the file, from … to on
 * the device, its length. Parts that go on where the one before ends are one. Pure.
 */
export function blocksIn(table: string): string {
  const parts: { at: number; device: number; length: number }[] = [];
  for (const line of table.split("\n")) {
    const numbers = /^ *\d+: +(\d+)\.\. +\d+: +(\d+)\.\. +\d+: +(\d+):/.exec(line);
    if (numbers === null) continue;
    const [at = 0, device = 0, length = 0] = numbers.slice(1).map(Number);
    const before = parts.at(-1);
    const goesOn = before !== undefined && before.at + before.length === at &&
      before.device + before.length === device;
    if (goesOn) before.length += length;
    else parts.push({ at, device, length });
  }
  return parts.map(({ at, device, length }) => `${at}:${device}+${length}`).join(" ");
}
