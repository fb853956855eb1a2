/** What the prober looks after, read from the world. Pure. */
import type { DeploymentId } from "../../../shared/model/ids.ts";
import type { HealthCheck } from "../../../shared/model/service_spec.ts";
import type { Deployment } from "../../../shared/model/sections.ts";
import { imageKey } from "../../reconcile/image_key.ts";
import { reachedAt } from "../../reconcile/reached_at.ts";
import type { World } from "../../reconcile/world.ts";

export interface HealthTarget {
  readonly deployment: DeploymentId;
  readonly containerId: string;
  /** Tells one life of a container from the next. */
  readonly startedAt: number;
  /** null: no network, so that only exec checks can reach it. */
  readonly address: string | null;
  readonly check: HealthCheck;
}

/** Every running container of a service, sorted by deployment. Jobs have no health. */
export function healthTargets(
  world: Pick<World, "desired"> & { readonly seen: Pick<World["seen"], "containers"> },
): readonly HealthTarget[] {
  const targets: HealthTarget[] = [];
  for (const section of world.desired.containers) {
    for (const deployment of section.deployments) {
      const seen = world.seen.containers.byDeployment.get(deployment.id);
      if (seen?.state !== "running" || seen.startedAt === null) continue;
      if (deployment.kind === "job" || deployment.want === "absent") continue;
      targets.push({
        deployment: deployment.id,
        containerId: seen.id,
        startedAt: seen.startedAt,
        address: reachedAt(deployment),
        check: checkOf(deployment, world.seen.containers.images),
      });
    }
  }
  return targets.sort((a, b) => (a.deployment < b.deployment ? -1 : 1));
}

/** The service's own check, else the image's. */
function checkOf(
  { spec, image }: Deployment,
  images: World["seen"]["containers"]["images"],
): HealthCheck {
  const own = spec.health;
  if (own.kind !== "none" || own.ignoresImage === true) return own;
  const declared = images.get(imageKey(image))?.healthcheck;
  return declared === undefined ? own : { ...declared, ...own.imageTiming };
}
