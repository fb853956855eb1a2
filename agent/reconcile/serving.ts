/** Which deployments names and routes lead to. Pure. */
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import { intentOf, isReady, isRunning, replacements, type Standing } from "./intent.ts";

import { reachedAt } from "./reached_at.ts";
import { leavesFirst } from "./turn.ts";

export interface Serving {
  readonly serving: ReadonlyMap<DeploymentId, Deployment>;
  readonly named: ReadonlyMap<DeploymentId, Deployment>;
}

export function servingOf(world: Standing): Serving {
  const serving = new Map<DeploymentId, Deployment>();
  const named = new Map<DeploymentId, Deployment>();
  const byId = replacements(world);
  for (const section of world.desired.containers) {
    const runningByService = new Map<string, Deployment[]>();
    const served = new Set<string>();
    for (const deployment of section.deployments) {
      const intent = intentOf(world, deployment, byId.get(deployment.id));
      const mayServe = intent.kind === "run" ||
        intent.kind === "yield" && !leavesFirst(world, section, deployment, intent, byId);
      if (!mayServe || deployment.unnamed === true || reachedAt(deployment) === null) continue;
      if (isReady(world, deployment.id)) {
        serving.set(deployment.id, deployment);
        named.set(deployment.id, deployment);
        served.add(deployment.service);
      } else if (isRunning(world, deployment.id)) {
        const others = runningByService.get(deployment.service) ?? [];
        runningByService.set(deployment.service, [...others, deployment]);
      }
    }
    for (const [service, running] of runningByService) {
      if (served.has(service)) continue;
      for (const deployment of running) named.set(deployment.id, deployment);
    }
  }
  return { serving, named };
}
