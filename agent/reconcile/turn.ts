/** Replicas of a service are replaced one after the other. Pure. */
import type { ContainersSection, Deployment } from "../../shared/model/sections.ts";
import type { DeploymentId } from "../../shared/model/ids.ts";
import {
  type Intent,
  intentOf,
  isAtRest,
  isReady,
  isRunning,
  memoryOf,
  replacements,
  type Standing,
} from "./intent.ts";

/**
 * Whose replacement has to be healthy first, before this one is begun; null: it is its turn. Where
 * the one that it replaces does not run, nothing is lost by beginning.
 */
export function waitsFor(
  world: Standing,
  section: ContainersSection,
  deployment: Deployment,
): Deployment | null {
  const isReplacement = ({ replaces }: Deployment) =>
    replaces !== null &&
    section.deployments.some(({ id, want }) => id === replaces && want === "retire");
  const { replaces, id, service, slot } = deployment;
  const hasBegun = world.seen.containers.byDeployment.has(id);
  if (hasBegun || replaces === null || !isReplacement(deployment)) return null;
  if (isAtRest(deployment) || !isRunning(world, replaces)) return null;
  return section.deployments.find((each) =>
    each.service === service && each.slot < slot && each.want === "run" && isReplacement(each) &&
    !isReady(world, each.id) && memoryOf(world, each.id).jobExit === null
  ) ?? null;
}

/**
 * One that stops before its replacement starts, while others of its service serve: who is served by
 * it is led to them before.
 */
export function leavesFirst(
  world: Standing,
  section: ContainersSection,
  deployment: Deployment,
  intent: Intent,
  byReplaced: ReadonlyMap<DeploymentId, Deployment> = replacements(world),
): boolean {
  if (intent.kind !== "yield" || waitsFor(world, section, intent.replacement) !== null) {
    return false;
  }
  return section.deployments.some((each) => {
    if (each.service !== deployment.service || each.id === deployment.id) return false;
    if (each.unnamed === true || !isReady(world, each.id)) return false;
    const other = intentOf(world, each, byReplaced.get(each.id));
    return other.kind === "run" ||
      other.kind === "yield" && waitsFor(world, section, other.replacement) !== null;
  });
}
