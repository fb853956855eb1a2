/**
 * What is to become of each deployment now, from what is wanted and seen. Pure.
 *
 *     want run ──────────────► run ───gave up───► stay_stopped
 *     want retire ─► run ─(replacement ready)─► drain ─(stopped)─► stay_stopped
 *                     └─(replacement prepared, stop_first)─► yield ─(it gave up)─► run
 *     want absent ─► gone
 */
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import { imageKey } from "./image_key.ts";
import type { DeploymentMemory, World } from "./world.ts";

export type Intent =
  | { readonly kind: "run" }
  | { readonly kind: "drain"; readonly replacement: Deployment }
  | { readonly kind: "yield"; readonly replacement: Deployment }
  | { readonly kind: "stay_stopped" }
  | { readonly kind: "gone" };

/** What of a world intents are made of. */
export type Standing = Pick<World, "desired" | "health" | "memory"> & {
  readonly seen: Pick<World["seen"], "containers">;
};

export const NO_MEMORY: DeploymentMemory = {
  firstStartedAt: null,
  wasHealthy: false,
  gaveUp: null,
  restarts: 0,
  crashStreak: 0,
  lastCrashAt: null,
  countedStartAt: null,
  jobExit: null,
};

export function memoryOf(world: Pick<World, "memory">, id: DeploymentId): DeploymentMemory {
  return world.memory.get(id) ?? NO_MEMORY;
}

export function isRunning(world: Pick<Standing, "seen">, id: DeploymentId): boolean {
  return world.seen.containers.byDeployment.get(id)?.state === "running";
}

/** It runs, and what follows its start is done. */
export function isStarted(world: Pick<Standing, "seen">, id: DeploymentId): boolean {
  return isRunning(world, id) && world.seen.containers.awaitingHooks?.has(id) !== true;
}

/** It is started and its check says healthy. */
export function isReady(world: Standing, id: DeploymentId): boolean {
  return isStarted(world, id) && world.health.get(id)?.health === "healthy";
}

/** The deployment that is to take a retiring one's place, by the id of the one that goes. */
export function replacements(world: Standing): ReadonlyMap<DeploymentId, Deployment> {
  const found = new Map<DeploymentId, Deployment>();
  for (const section of world.desired.containers) {
    for (const each of section.deployments) {
      if (each.replaces !== null && each.want === "run") found.set(each.replaces, each);
    }
  }
  return found;
}

/** The image of a deployment is here, so that nothing but the start itself is missing. */
export function hasImage(world: Standing, deployment: Deployment): boolean {
  return world.seen.containers.images.has(imageKey(deployment.image));
}

/** A job that runs by the clock has no container of its own: its runs are deployments beside it. */
export function isAtRest({ spec }: Pick<Deployment, "spec">): boolean {
  return spec.schedule !== undefined;
}

export function intentOf(
  world: Standing,
  deployment: Deployment,
  replacement: Deployment | undefined,
): Intent {
  switch (deployment.want) {
    case "absent":
      return { kind: "gone" };
    case "run":
      return memoryOf(world, deployment.id).gaveUp !== null
        ? { kind: "stay_stopped" }
        : { kind: "run" };
    case "retire":
      return retiring(world, deployment, replacement);
  }
}

function retiring(
  world: Standing,
  deployment: Deployment,
  replacement: Deployment | undefined,
): Intent {
  // Told to retire with nothing in its place: a service that is scaled down under an older plan.
  if (replacement === undefined) return { kind: "gone" };
  const memory = memoryOf(world, replacement.id);
  if (memory.gaveUp !== null) return { kind: "run" };
  if (isReady(world, replacement.id)) return { kind: "drain", replacement };
  // It took over once and is ill now: the old one stays out where it already stopped, and helps
  // where it still runs.
  if (memory.wasHealthy) {
    return isRunning(world, deployment.id) ? { kind: "run" } : { kind: "stay_stopped" };
  }
  if (memory.jobExit !== null) return { kind: "drain", replacement };
  const mustYield = replacement.order === "stop_first" &&
    (hasImage(world, replacement) || world.seen.containers.byDeployment.has(replacement.id));
  return mustYield ? { kind: "yield", replacement } : { kind: "run" };
}
