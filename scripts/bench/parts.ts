/** What Skerry and what stands beside it use at rest, by kind of process. */
import { processesOf, type ProcessUse, type Whose } from "./processes.ts";

/** One kind of process: how many there are, and what they use together. */
export interface Part {
  readonly part: string;
  readonly count: number;
  readonly rssMiB: number;
  readonly pssMiB: number;
  /** Percent of one core over the window. */
  readonly cpuPercent: number;
}

/** Which part of Skerry a command line is; null: none, such as what runs in a container. */
function partOf({ argv }: ProcessUse): string | null {
  const [program = ""] = argv;
  if (program.endsWith("deno")) return argv.includes("up") ? "skerry up" : null;
  if (program.endsWith("conmon")) return "conmon";
  if (program.endsWith("traefik")) return "traefik";
  if (program.endsWith("podman")) return argv.includes("service") ? "podman service" : null;
  return null;
}

/** Over a window of so many seconds; the largest first. */
export async function measureParts(of: Whose, seconds: number): Promise<Part[]> {
  const before = await processesOf(of);
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = await processesOf(of);
  const elapsedMs = performance.now() - began;
  const cpuBefore = new Map(before.map(({ pid, cpuMs }) => [pid, cpuMs]));
  const parts = Map.groupBy(after, (use) => partOf(use) ?? "");
  parts.delete("");
  const sum = (uses: readonly ProcessUse[], of: (use: ProcessUse) => number) =>
    uses.reduce((total, use) => total + of(use), 0);
  return [...parts].map(([part, uses]) => ({
    part,
    count: uses.length,
    rssMiB: sum(uses, (use) => use.rssKiB) / 1024,
    pssMiB: sum(uses, (use) => use.pssKiB) / 1024,
    cpuPercent: 100 * sum(uses, (use) => use.cpuMs - (cpuBefore.get(use.pid) ?? use.cpuMs)) /
      elapsedMs,
  })).sort((a, b) => b.pssMiB - a.pssMiB);
}

/** Rows under "n", "RSS MiB", "PSS MiB" and "CPU %". */
export function partRows(title: string, parts: readonly Part[]): string[][] {
  return parts.map(({ part, count, rssMiB, pssMiB, cpuPercent }) => [
    `${title}: ${part}`,
    String(count),
    rssMiB.toFixed(1),
    pssMiB.toFixed(1),
    cpuPercent.toFixed(2),
  ]);
}
