/** May this deployment start yet, by `depends_on` and in its turn? Pure. */
import type { ContainersSection, Deployment } from "../../../shared/model/sections.ts";
import type { Reason } from "../../../shared/model/verdict.ts";
import { isReady, isStarted, memoryOf, type Standing } from "../../reconcile/intent.ts";
import { waitsFor } from "../../reconcile/turn.ts";

export type Gate =
  | { readonly kind: "open" }
  | { readonly kind: "waiting"; readonly reason: Reason }
  | { readonly kind: "failed"; readonly reason: Reason };

export function dependencyGate(
  world: Standing,
  section: ContainersSection,
  deployment: Deployment,
): Gate {
  const before = waitsFor(world, section, deployment);
  if (before !== null) {
    const message = `waits for replica ${before.slot}, which is replaced first`;
    return { kind: "waiting", reason: { code: "turn", message } };
  }
  for (const dependency of deployment.spec.dependsOn) {
    const candidates = section.deployments.filter((each) =>
      each.serviceName === dependency.service && each.want !== "absent" && each.unnamed !== true
    );
    if (candidates.length === 0 && !dependency.required) continue;
    const gate = gateOf(world, dependency.service, dependency.condition, candidates);
    if (gate.kind === "open") continue;
    if (gate.kind === "failed" && !dependency.required) continue;
    return gate;
  }
  return { kind: "open" };
}

type Condition = Deployment["spec"]["dependsOn"][number]["condition"];

function gateOf(
  world: Standing,
  service: string,
  condition: Condition,
  candidates: readonly Deployment[],
): Gate {
  const waiting = (what: string): Gate => ({
    kind: "waiting",
    reason: { code: "dependency", message: `waits for "${service}" ${what}` },
  });
  switch (condition) {
    case "service_started": {
      const started = candidates.some((each) =>
        isStarted(world, each.id) || memoryOf(world, each.id).jobExit !== null
      );
      return started ? { kind: "open" } : waiting("to start");
    }
    case "service_healthy":
      return candidates.some((each) => isReady(world, each.id))
        ? { kind: "open" }
        : waiting("to be healthy");
    case "service_completed_successfully": {
      const current = candidates.filter((each) => each.want === "run");
      const exits = current.map((each) => memoryOf(world, each.id).jobExit);
      const failed = exits.find((exit) => exit !== null && exit.code !== 0);
      if (failed) {
        return {
          kind: "failed",
          reason: {
            code: "dependency_failed",
            message: `"${service}" ended with exit code ${failed.code}, and this service waits ` +
              "for it to complete successfully",
          },
        };
      }
      const done = exits.length > 0 && exits.every((exit) => exit !== null);
      return done ? { kind: "open" } : waiting("to complete");
    }
  }
}
