/**
 * What is stopped when the machine itself ends: else the init system would send each process a
 * SIGTERM, whatever its stop signal and hooks are, and wait its own time for those that ignore it.
 */
import { messageOf } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import type { World } from "../../reconcile/world.ts";
import type { ContainerStep } from "./plan.ts";

type Stop = Extract<ContainerStep, { kind: "stop" }>;

/** Every container that lives, with its own grace; sorted by deployment. Pure. */
export function stopsAtMachineEnd(world: World): readonly Stop[] {
  const deployments = world.desired.containers.flatMap((section) => section.deployments);
  return deployments.flatMap((deployment): Stop[] => {
    const seen = world.seen.containers.byDeployment.get(deployment.id);
    if (seen?.state !== "running" && seen?.state !== "paused") return [];
    return [{
      kind: "stop",
      deployment: deployment.id,
      containerId: seen.id,
      graceMs: deployment.spec.stopGraceMs,
    }];
  }).sort((a, b) => (a.deployment < b.deployment ? -1 : 1));
}

/** Stops them all beside each other; one that cannot be stopped is left to the init system. */
export async function stopAtMachineEnd(
  world: World,
  stop: (step: Stop) => Promise<void>,
  log: Log,
): Promise<void> {
  const steps = stopsAtMachineEnd(world);
  log.info("the machine ends: containers are stopped", { containers: steps.length });
  await Promise.all(steps.map(async (step) => {
    try {
      await stop(step);
    } catch (thrown) {
      log.warn("a container could not be stopped", {
        deployment: step.deployment,
        reason: messageOf(thrown),
      });
    }
  }));
}
