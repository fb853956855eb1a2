/** Which containers are looked at, read from the world. Pure. */
import type { ProjectId } from "../../../shared/model/ids.ts";
import type { World } from "../../reconcile/world.ts";

/** A running container of a slot. */
export interface SampleTarget {
  readonly project: ProjectId;
  readonly projectName: string;
  readonly service: string;
  readonly slot: number;
  readonly containerId: string;
  readonly pid: number;
  /** Another one at each start. */
  readonly identity: string;
  /** As the kernel has them; null: none, or not known. */
  readonly limits: { readonly memoryBytes: number | null; readonly cpus: number | null };
}

export function sampleTargets(
  world: Pick<World, "desired"> & { readonly seen: Pick<World["seen"], "containers"> },
): readonly SampleTarget[] {
  const { byDeployment, kernel } = world.seen.containers;
  const targets = world.desired.containers.flatMap((section) =>
    section.deployments.flatMap((deployment): SampleTarget[] => {
      const seen = byDeployment.get(deployment.id);
      if (seen === undefined || seen.state !== "running" || (seen.pid ?? 0) <= 0) return [];
      const limits = kernel?.get(deployment.id)?.limits;
      return [{
        project: section.project,
        projectName: section.projectName,
        service: deployment.serviceName,
        slot: deployment.slot,
        containerId: seen.id,
        pid: seen.pid ?? 0,
        identity: `${seen.id}:${seen.pid}:${seen.startedAt}`,
        limits: { memoryBytes: limits?.memoryBytes ?? null, cpus: limits?.cpus ?? null },
      }];
    })
  );
  const key = ({ project, service, slot }: SampleTarget) =>
    `${project} ${service} ${String(slot).padStart(6, "0")}`;
  return targets.sort((a, b) => key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
