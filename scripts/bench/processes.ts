/** Memory and processor time of processes, from /proc. */

export interface ProcessUse {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly rssKiB: number;
  /** Shared pages are counted in parts. */
  readonly pssKiB: number;
  /** With that of its children that have ended, in milliseconds. */
  readonly cpuMs: number;
}

/** Linux counts in hundredths of a second for programs, on every architecture. */
const TICK_MS = 10;

/** Processes that are meant: these, and those whose command line holds one of the words. */
export interface Whose {
  readonly pids: readonly number[];
  readonly words: readonly string[];
}

/** Those that end meanwhile are left out. */
export async function processesOf({ pids, words }: Whose): Promise<ProcessUse[]> {
  const found: ProcessUse[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const text = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (!pids.includes(Number(name)) && !words.some((word) => text.includes(word))) continue;
    const use = await processUse(Number(name), text.split("\0").slice(0, -1));
    if (use !== null) found.push(use);
  }
  return found;
}

/** What one process uses; null: it has ended. */
export async function processUse(pid: number, argv: readonly string[]): Promise<ProcessUse | null> {
  try {
    const rollup = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return {
      pid,
      argv,
      rssKiB: fieldKiB(rollup, "Rss"),
      pssKiB: fieldKiB(rollup, "Pss"),
      cpuMs: cpuTicks(stat) * TICK_MS,
    };
  } catch {
    return null;
  }
}

function fieldKiB(rollup: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0);
}

/**
 * Processor time of this process's children that have ended, and of theirs, in milliseconds: what
 * one command took is the difference, as long as no other ends meanwhile.
 */
export function endedChildrenCpuMs(): number {
  const [, , user = NaN, system = NaN] = cpuFields(Deno.readTextFileSync("/proc/self/stat"));
  return (user + system) * TICK_MS;
}

function cpuTicks(stat: string): number {
  return cpuFields(stat).reduce((sum, ticks) => sum + ticks, 0);
}

/** utime, stime, cutime and cstime: fields 14 to 17 of proc(5); the name may hold anything. */
function cpuFields(stat: string): number[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 15).map(Number);
}
