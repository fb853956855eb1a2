/**
 * How often a running container came to its limits, by the kernel's counters of its control group
 * (Documentation/admin-guide/cgroup-v2.rst; cgroup-v1/memory.rst and pids.rst).
 */
import { type CgroupReader, findCgroup } from "./cgroup.ts";
import type { ProcReader } from "./proc.ts";

export interface Strain {
  /** Processes that it could not start because it had as many as it may. */
  readonly refusedProcesses: number;
  /** Processes of it that the kernel killed for want of memory. */
  readonly memoryKills: number;
}

/** A counter of a file of `NAME NUMBER` lines; 0 where it is not there. Pure. */
export function counterOf(text: string | null, name: string): number {
  for (const line of text?.split("\n") ?? []) {
    const [key, value] = line.split(" ");
    if (key === name && value !== undefined && /^\d+$/.test(value)) return Number(value);
  }
  return 0;
}

/** null: it does not run. */
export async function readStrain(
  containerId: string,
  pid: number,
  readProc: ProcReader,
  read: CgroupReader,
): Promise<Strain | null> {
  const cgroup = await findCgroup(containerId, pid, readProc, read);
  if (cgroup === null) return null;
  // Kernels before 6.11 count where the process was, later ones in every group above it, too.
  const refused = [
    await cgroup.read("pids", "pids.events"),
    await cgroup.readBelow("pids", "pids.events"),
  ].map((text) => counterOf(text, "max"));
  const kills = cgroup.unified ? "memory.events" : "memory.oom_control";
  return {
    refusedProcesses: Math.max(...refused),
    memoryKills: counterOf(await cgroup.read("memory", kills), "oom_kill"),
  };
}
