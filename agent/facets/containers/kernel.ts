/** What the kernel says of the containers that run: some small files for each, read at every look. */
import type { KernelLimits } from "../../../shared/model/limits.ts";
import type { DeploymentId } from "../../../shared/model/ids.ts";
import type { ContainerSeen, Podman } from "../../drivers/podman/driver.ts";
import type { Strain } from "../../drivers/podman/strain.ts";
import type { KernelSeen } from "./seen.ts";

/** Limits are read at the start, and now and then: a person may change them with Podman. */
const LIMITS_EVERY_MS = 300_000;
/**
 * What was counted so long ago, and the main process still runs, befell another process. What the
 * kernel kills has ended by then, and its end is told with its own reason.
 */
const OUTLIVED_MS = 2_000;

export interface KernelWatch {
  look(
    containers: ReadonlyMap<DeploymentId, ContainerSeen>,
  ): Promise<ReadonlyMap<DeploymentId, KernelSeen>>;
}

export interface KernelWatchDeps {
  readonly podman: Pick<Podman, "kernelLimits" | "strain">;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
}

interface Kept {
  readonly startedAt: number | null;
  limits: KernelLimits;
  limitsAt: number;
  /** Kills that it has outlived. */
  outlived: number;
  /** Kills that were counted, and since when. */
  counted: number;
  countedAt: number;
}

export function createKernelWatch({ podman, monotonic }: KernelWatchDeps): KernelWatch {
  let kept = new Map<string, Kept>();
  /** What befell them before the agent came is outlived. */
  let first = true;

  async function limitsOf(container: ContainerSeen, now: number): Promise<Kept | null> {
    const before = kept.get(container.id);
    const known = before?.startedAt === container.startedAt ? before : undefined;
    if (known !== undefined && now - known.limitsAt < LIMITS_EVERY_MS) return known;
    const limits = await podman.kernelLimits(container);
    if (limits === null) return null;
    if (known !== undefined) return Object.assign(known, { limits, limitsAt: now });
    const { startedAt } = container;
    return { startedAt, limits, limitsAt: now, outlived: 0, counted: 0, countedAt: now };
  }

  function outlived(entry: Kept, strain: Strain, now: number): number {
    if (first) entry.outlived = entry.counted = strain.memoryKills;
    if (now - entry.countedAt >= OUTLIVED_MS) entry.outlived = entry.counted;
    if (strain.memoryKills !== entry.counted) {
      entry.counted = strain.memoryKills;
      entry.countedAt = now;
    }
    return entry.outlived;
  }

  return {
    async look(containers) {
      const now = monotonic();
      const seen = new Map<DeploymentId, KernelSeen>();
      const next = new Map<string, Kept>();
      for (const [deployment, container] of containers) {
        if (container.state !== "running") continue;
        const entry = await limitsOf(container, now);
        const strain = entry === null ? null : await podman.strain(container);
        if (entry === null || strain === null) continue;
        next.set(container.id, entry);
        seen.set(deployment, {
          limits: entry.limits,
          refusedProcesses: strain.refusedProcesses,
          memoryKills: outlived(entry, strain, now),
        });
      }
      kept = next;
      first = false;
      return seen;
    },
  };
}
