/**
 * The limits that hold: of a running container what the kernel says (cgroup v2, v1 or hybrid), of
 * another what Podman noted. What is unlimited is null.
 */
import type { AppliedLimits } from "./driver.ts";
import type { InspectedContainer } from "./answers.ts";
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

/** Above this a v1 memory limit means none: it is rounded from 2^63. */
const V1_UNLIMITED_BYTES = 2 ** 60;

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
  const { Pid: pid } = container.State;
  const text = pid > 0 ? await readProc(`${pid}/cgroup`) : null;
  if (text === null || !text.includes(container.Id)) return noted;
  const paths = parseCgroupFile(text);

  const unified = paths.get("");
  if (unified !== undefined && await read(`${unified}/memory.max`) !== null) {
    const [quota, period] = (await read(`${unified}/cpu.max`) ?? "").trim().split(" ");
    return {
      memoryBytes: limitNumber(await read(`${unified}/memory.max`)),
      cpus: cpusOf(quota, period),
      pids: limitNumber(await read(`${unified}/pids.max`)),
    };
  }
  const v1 = async (controller: string, file: string): Promise<string | null> => {
    const path = paths.get(controller);
    return path === undefined ? null : await read(`${controller}${path}/${file}`);
  };
  const memory = await v1("memory", "memory.limit_in_bytes");
  const quota = await v1("cpu", "cpu.cfs_quota_us");
  const pids = await v1("pids", "pids.max");
  return {
    memoryBytes: memory === null ? noted.memoryBytes : limitNumber(memory),
    cpus: quota === null
      ? noted.cpus
      : cpusOf(quota, await v1("cpu", "cpu.cfs_period_us") ?? undefined),
    pids: pids === null ? noted.pids : limitNumber(pids),
  };
}
