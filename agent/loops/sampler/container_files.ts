/**
 * What a container uses, by its control group (v2, v1 or hybrid) and its network namespace. Where
 * the group lies is found once a life; then a look is five small files.
 */
import { containerPath, parseCgroupFile } from "../../drivers/podman/cgroup.ts";
import type { ReadFile } from "./host_files.ts";
import {
  type Flows,
  parseBlkio,
  parseCount,
  parseField,
  parseIoStat,
  parseNetDev,
} from "./parse.ts";
import type { Look } from "./rates.ts";

const ROOT = "/sys/fs/cgroup";

/** Where the files of one container lie; absent: that controller does not count it. */
export interface GroupPaths {
  readonly unified: boolean;
  readonly cpu: string | null;
  readonly memory: string | null;
  readonly disk: string | null;
}

/** null: the process is gone, or not this container's. */
export function findGroup(containerId: string, pid: number, read: ReadFile): GroupPaths | null {
  const text = pid > 0 ? read(`/proc/${pid}/cgroup`) : null;
  if (text === null) return null;
  const paths = parseCgroupFile(text);
  const own = (controller: string) => containerPath(paths.get(controller) ?? "", containerId);
  const unified = own("");
  if (unified !== null && read(`${ROOT}${unified}/memory.current`) !== null) {
    const path = `${ROOT}${unified}`;
    return { unified: true, cpu: path, memory: path, disk: path };
  }
  const group = (controller: string) => {
    const path = own(controller);
    return path === null ? null : `${ROOT}/${controller}${path}`;
  };
  const found = { cpu: group("cpuacct"), memory: group("memory"), disk: group("blkio") };
  if (found.cpu === null && found.memory === null && found.disk === null) return null;
  return { unified: false, ...found };
}

function cpuSeconds({ unified, cpu }: GroupPaths, read: ReadFile): number | null {
  if (cpu === null) return null;
  const text = read(`${cpu}/${unified ? "cpu.stat" : "cpuacct.usage"}`);
  if (text === null) return null;
  const counted = unified ? parseField(text, "usage_usec") : parseCount(text);
  return counted === null ? null : counted / (unified ? 1e6 : 1e9);
}

/** As `podman stats`: without what of files could go at once. */
function memoryBytes({ unified, memory }: GroupPaths, read: ReadFile): number | null {
  if (memory === null) return null;
  const used = parseCount(
    read(`${memory}/${unified ? "memory.current" : "memory.usage_in_bytes"}`) ?? undefined,
  );
  if (used === null) return null;
  const stat = read(`${memory}/memory.stat`) ?? "";
  const idle = parseField(stat, unified ? "inactive_file" : "total_inactive_file") ?? 0;
  return Math.max(0, used - idle);
}

function diskFlows({ unified, disk }: GroupPaths, read: ReadFile): Flows | null {
  if (disk === null) return null;
  const text = read(
    `${disk}/${unified ? "io.stat" : "blkio.throttle.io_service_bytes_recursive"}`,
  ) ?? (unified ? null : read(`${disk}/blkio.throttle.io_service_bytes`));
  return text === null ? null : unified ? parseIoStat(text) : parseBlkio(text);
}

/** One container's figures; `ownNetwork` false: it shares the host's, which is not its own. */
export function lookAt(
  container: { readonly pid: number; readonly identity: string; readonly ownNetwork: boolean },
  group: GroupPaths,
  read: ReadFile,
  atMs: number,
): Look {
  const text = container.ownNetwork ? read(`/proc/${container.pid}/net/dev`) : null;
  return {
    identity: container.identity,
    atMs,
    cpuSeconds: cpuSeconds(group, read),
    memoryBytes: memoryBytes(group, read),
    network: text === null
      ? null
      : new Map([...parseNetDev(text)].filter(([name]) => name !== "lo")),
    disk: diskFlows(group, read),
    diskUsedBytes: null,
  };
}
