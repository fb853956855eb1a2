/** Whose logs are kept, read from the world. Pure. */
import type { World } from "../reconcile/world.ts";
import type { TrackedContainer } from "./keeper.ts";

export function trackedContainers(
  world: Pick<World, "desired"> & { readonly seen: Pick<World["seen"], "containers"> },
): readonly TrackedContainer[] {
  return world.desired.containers.flatMap((section) =>
    section.deployments.map((deployment) => ({
      deployment: deployment.id,
      project: section.project,
      service: deployment.serviceName,
      slot: deployment.slot,
      containerId: world.seen.containers.byDeployment.get(deployment.id)?.id ?? null,
    }))
  );
}
