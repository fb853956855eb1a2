/**
 * The limits that hold: of a running container what the kernel says (cgroup v2, v1 or hybrid), of
 * another what Podman noted. What is unlimited is null.
 */
import type { KernelLimits } from "../../../shared/model/limits.ts";
import type { AppliedLimits } from "./driver.ts";
import type { InspectedContainer } from "./answers.ts";
import { type CgroupReader, type ContainerCgroup, findCgroup } from "./cgroup.ts";
import type { ProcReader } from "./proc.ts";

/** Above this a v1 memory limit means none: it is rounded from 2^63. */
const V1_UNLIMITED_BYTES = 2 ** 60;

/** A number, or null for `max`, -1 and what is not there. Pure. */
export function limitNumber(text: string | null | undefined): number | null {
  const word = text?.trim() ?? "";
  if (!/^\d+$/.test(word)) return null;
  const value = Number(word);
  return value >= V1_UNLIMITED_BYTES ? null : value;
}

/** Processors from a quota and its period, each in microseconds. Pure. */
export function cpusOf(quota: string | undefined, period: string | undefined): number | null {
  const parts = [limitNumber(quota), limitNumber(period)];
  const [quotaUs, periodUs] = parts;
  return quotaUs && periodUs ? quotaUs / periodUs : null;
}

/** A limit that the kernel's files do not tell is as `noted`. */
async function cgroupLimits(
  cgroup: ContainerCgroup,
  noted: AppliedLimits,
): Promise<AppliedLimits> {
  const told = async (
    controller: "memory" | "pids",
    file: string,
    otherwise: number | null,
  ): Promise<number | null> => {
    const text = await cgroup.read(controller, file);
    return text === null ? otherwise : limitNumber(text);
  };
  const pids = await told("pids", "pids.max", noted.pids);
  if (cgroup.unified) {
    const [quota, period] = (await cgroup.read("cpu", "cpu.max") ?? "").trim().split(" ");
    const memoryBytes = await told("memory", "memory.max", noted.memoryBytes);
    return { memoryBytes, cpus: quota === "" ? noted.cpus : cpusOf(quota, period), pids };
  }
  const quota = await cgroup.read("cpu", "cpu.cfs_quota_us");
  const period = await cgroup.read("cpu", "cpu.cfs_period_us");
  return {
    memoryBytes: await told("memory", "memory.limit_in_bytes", noted.memoryBytes),
    cpus: quota === null ? noted.cpus : cpusOf(quota, period ?? undefined),
    pids,
  };
}

export async function appliedLimits(
  container: InspectedContainer,
  readProc: ProcReader,
  read: CgroupReader,
): Promise<AppliedLimits> {
  const pidsLimit = container.HostConfig.PidsLimit ?? 0;
  const noted: AppliedLimits = {
    memoryBytes: container.HostConfig.Memory || null,
    cpus: (container.HostConfig.NanoCpus ?? 0) / 1e9 || null,
    pids: pidsLimit > 0 ? pidsLimit : null,
  };
  const cgroup = await findCgroup(container.Id, container.State.Pid, readProc, read);
  return cgroup === null ? noted : await cgroupLimits(cgroup, noted);
}

/** The kernel's names of ulimits in /proc/PID/limits, and Compose's. */
const ULIMITS: Readonly<Record<string, string>> = {
  "Max address space": "as",
  "Max core file size": "core",
  "Max cpu time": "cpu",
  "Max data size": "data",
  "Max file locks": "locks",
  "Max file size": "fsize",
  "Max locked memory": "memlock",
  "Max msgqueue size": "msgqueue",
  "Max nice priority": "nice",
  "Max open files": "nofile",
  "Max pending signals": "sigpending",
  "Max processes": "nproc",
  "Max realtime priority": "rtprio",
  "Max realtime timeout": "rttime",
  "Max resident set": "rss",
  "Max stack size": "stack",
};

/** The lines of /proc/PID/limits, sorted by name. Pure. */
export function parseUlimitTable(text: string): KernelLimits["ulimits"] {
  const found: KernelLimits["ulimits"] = [];
  for (const line of text.split("\n")) {
    const match = /^(Max [a-z ]+?) {2,}(\d+|unlimited) +(\d+|unlimited)\b/.exec(line);
    const name = ULIMITS[match?.[1] ?? ""];
    const value = (word: string | undefined) => word === "unlimited" ? -1 : Number(word);
    if (name !== undefined) found.push({ name, soft: value(match?.[2]), hard: value(match?.[3]) });
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What the kernel holds a running container to; null: it does not run. */
export async function kernelLimits(
  containerId: string,
  pid: number,
  readProc: ProcReader,
  read: CgroupReader,
): Promise<KernelLimits | null> {
  const cgroup = await findCgroup(containerId, pid, readProc, read);
  const ulimits = await readProc(`${pid}/limits`);
  if (cgroup === null || ulimits === null) return null;
  const none: AppliedLimits = { memoryBytes: null, cpus: null, pids: null };
  return { ...await cgroupLimits(cgroup, none), ulimits: parseUlimitTable(ulimits) };
}
