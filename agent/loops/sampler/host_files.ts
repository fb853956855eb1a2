/** The host's own figures, by its files; no program is started for any of them. */
import type { Flows } from "./parse.ts";
import { parseDiskstats, parseHostCpu, parseHostMemory, parseNetDev } from "./parse.ts";
import { countedDisks, countedInterfaces } from "./devices.ts";
import type { Look } from "./rates.ts";

/** A small file by its path; null: it is not there. */
export type ReadFile = (path: string) => string | null;
/** What a folder holds; empty: it is not there. */
export type ListFolder = (path: string) => readonly string[];

export interface HostFiles {
  readonly read: ReadFile;
  readonly list: ListFolder;
  /** Where a link leads; null: it is not there. */
  readonly link: (path: string) => string | null;
}

/** The machine's own files. Read at once: a turn of the event loop costs more than the reading. */
export const machineFiles: HostFiles = {
  read(path) {
    try {
      return Deno.readTextFileSync(path);
    } catch {
      return null;
    }
  },
  list(path) {
    try {
      return [...Deno.readDirSync(path)].map(({ name }) => name);
    } catch {
      return [];
    }
  },
  link(path) {
    try {
      return Deno.readLinkSync(path);
    } catch {
      return null;
    }
  },
};

export interface HostLook extends Look {
  readonly cores: number;
  readonly memoryTotalBytes: number | null;
}

export interface HostReader {
  look(atMs: number, diskUsedBytes: number | null): HostLook;
}

/** Which devices count is found out again only when there are other ones. */
function createChoice(choose: (names: readonly string[]) => readonly string[]) {
  let known = "";
  let chosen: ReadonlySet<string> = new Set();
  return (flows: Flows): Flows => {
    const names = [...flows.keys()];
    const joined = names.join(" ");
    if (joined !== known) {
      known = joined;
      chosen = new Set(choose(names));
    }
    return new Map([...flows].filter(([name]) => chosen.has(name)));
  };
}

export function createHostReader({ read, list }: Pick<HostFiles, "read" | "list">): HostReader {
  const interfaces = createChoice((names) =>
    countedInterfaces(names.map((name) => {
      const has = new Set(list(`/sys/class/net/${name}`));
      return {
        name,
        real: has.has("device"),
        bridge: has.has("bridge"),
        port: has.has("brport") || has.has("master"),
      };
    }))
  );
  const disks = createChoice(() =>
    countedDisks(
      list("/sys/block").map((name) => ({
        name,
        real: list(`/sys/block/${name}`).includes("device"),
      })),
    )
  );
  return {
    look(atMs, diskUsedBytes) {
      const cpu = parseHostCpu(read("/proc/stat") ?? "");
      const memory = parseHostMemory(read("/proc/meminfo") ?? "");
      const network = read("/proc/net/dev");
      const disk = read("/proc/diskstats");
      return {
        identity: "host",
        atMs,
        cpuSeconds: cpu?.busySeconds ?? null,
        cores: cpu?.cores ?? 1,
        memoryBytes: memory?.usedBytes ?? null,
        memoryTotalBytes: memory?.totalBytes ?? null,
        network: network === null ? null : interfaces(parseNetDev(network)),
        disk: disk === null ? null : disks(parseDiskstats(disk)),
        diskUsedBytes,
      };
    },
  };
}
