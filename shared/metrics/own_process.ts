/** What this very process uses, by /proc/self (proc_pid_stat(5)). */
import type { Sample } from "./families.ts";

/** Clock ticks a second in what the kernel tells programs. */
const TICKS = 100;

/** Pure. What is not known is left out. */
export function processSamples(
  stat: string,
  known: { readonly bootSeconds: number; readonly rssBytes: number; readonly openFiles: number },
): readonly Sample[] {
  // The program's name may hold spaces and brackets, so the fields count from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).trim().split(" ").map(Number);
  const field = (at: number) => fields[at] ?? Number.NaN;
  const figures: readonly (readonly [Sample["name"], number])[] = [
    ["process_cpu_seconds_total", (field(11) + field(12)) / TICKS],
    ["process_resident_memory_bytes", known.rssBytes],
    ["process_virtual_memory_bytes", field(20)],
    ["process_open_fds", known.openFiles],
    ["process_start_time_seconds", known.bootSeconds + field(19) / TICKS],
  ];
  return figures.filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => ({ name, labels: {}, value }));
}

/** Of this process, now. */
export function ownProcess(version: string): readonly Sample[] {
  const build: Sample = { name: "skerry_build_info", labels: { version }, value: 1 };
  try {
    const bootTime = /^btime (\d+)$/m.exec(Deno.readTextFileSync("/proc/stat"))?.[1];
    const own = processSamples(Deno.readTextFileSync("/proc/self/stat"), {
      bootSeconds: Number(bootTime),
      rssBytes: Deno.memoryUsage().rss,
      openFiles: [...Deno.readDirSync("/proc/self/fd")].length,
    });
    return [build, ...own];
  } catch {
    return [build];
  }
}
