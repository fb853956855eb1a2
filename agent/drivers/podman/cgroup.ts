/** A container's control group (v2, v1 or hybrid), found by the container's id. */
import type { ProcReader } from "./proc.ts";

/** Reads a file below /sys/fs/cgroup; null: not there. */
export type CgroupReader = (path: string) => Promise<string | null>;

/** The machine's own cgroups. */
export async function readCgroup(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(`/sys/fs/cgroup/${path}`);
  } catch {
    return null;
  }
}

/** Controller → path, from /proc/PID/cgroup; `""` is the unified hierarchy. Pure. */
export function parseCgroupFile(text: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    for (const controller of match?.[1]?.split(",") ?? []) {
      paths.set(controller, match?.[2] ?? "/");
    }
  }
  return paths;
}

/** The files of one container's group. */
export interface ContainerCgroup {
  readonly unified: boolean;
  /**
   * A file of the container's own group.
   * @param controller counts on v1 alone, where each has a tree
   */
  read(controller: "memory" | "cpu" | "pids", file: string): Promise<string | null>;
  /** The same of the group that its main process is in, which may be one below. */
  readBelow(controller: "memory" | "cpu" | "pids", file: string): Promise<string | null>;
}

/**
 * The path up to the part that bears the id: crun puts the process one group lower, and a container
 * may make groups of its own. null: it is another's. Pure.
 */
export function containerPath(path: string, containerId: string): string | null {
  const at = path.indexOf(containerId);
  if (at < 0) return null;
  const end = path.indexOf("/", at);
  return end < 0 ? path : path.slice(0, end);
}

/** null: the process is gone, or not of this container. */
export async function findCgroup(
  containerId: string,
  pid: number,
  readProc: ProcReader,
  read: CgroupReader,
): Promise<ContainerCgroup | null> {
  const text = pid > 0 ? await readProc(`${pid}/cgroup`) : null;
  if (text === null) return null;
  const paths = parseCgroupFile(text);
  const below = paths.get("") ?? "";
  const own = containerPath(below, containerId);
  if (own !== null && await read(`${own}/memory.max`) !== null) {
    return {
      unified: true,
      read: (_controller, file) => read(`${own}/${file}`),
      readBelow: (_controller, file) => read(`${below}/${file}`),
    };
  }
  const paths1 = (controller: string) => {
    const path = paths.get(controller);
    const own = path === undefined ? null : containerPath(path, containerId);
    return path === undefined || own === null ? null : { own, below: path };
  };
  if (!["memory", "cpu", "pids"].some((controller) => paths1(controller) !== null)) return null;
  const v1 = async (controller: string, which: "own" | "below", file: string) => {
    const path = paths1(controller);
    return path === null ? null : await read(`${controller}${path[which]}/${file}`);
  };
  return {
    unified: false,
    read: (controller, file) => v1(controller, "own", file),
    readBelow: (controller, file) => v1(controller, "below", file),
  };
}
