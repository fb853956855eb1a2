/** In which stage of its life a deployment is, as people are told. Pure. */
import type { Deployment } from "../../shared/model/sections.ts";
import type { Health, Stage } from "../../shared/model/report.ts";
import type { Instant, Reason } from "../../shared/model/verdict.ts";
import type { NamedRoute } from "../facets/routes/wanted.ts";
import type { ContainerSeen } from "../drivers/podman/driver.ts";
import { endReason } from "../reconcile/end_reason.ts";
import { hasImage, isAtRest, isReady, isRunning, memoryOf } from "../reconcile/intent.ts";
import { mayRetry } from "../reconcile/memory.ts";
import { reachedAt } from "../reconcile/reached_at.ts";
import type { World } from "../reconcile/world.ts";

export interface Staged {
  readonly stage: Stage;
  /** Known here; else the planner's verdict says why. */
  readonly reason: Reason | null;
}

/** @param routes every wanted route of the world (`wantedRoutes`), worked out once for all deployments */
export function stageOf(
  world: World,
  deployment: Deployment,
  routes: readonly NamedRoute[],
  now: Instant,
): Staged {
  const memory = memoryOf(world, deployment.id);
  const seen = world.seen.containers.byDeployment.get(deployment.id);
  if (memory.gaveUp !== null) return { stage: "failed", reason: memory.gaveUp.reason };
  if (memory.jobExit !== null) {
    const { code } = memory.jobExit;
    return code === 0
      ? {
        stage: "completed",
        reason: { code: "completed", message: "it ended with exit code 0" },
      }
      : { stage: "failed", reason: jobFailure(seen, deployment, code) };
  }
  if (isAtRest(deployment)) {
    const ready = deployment.want === "run" && hasImage(world, deployment);
    return { stage: ready ? "scheduled" : withoutContainer(world, deployment), reason: null };
  }
  if (seen === undefined) return { stage: withoutContainer(world, deployment), reason: null };
  if (deployment.want !== "run") {
    return { stage: isRunning(world, deployment.id) ? "running" : "stopped", reason: null };
  }
  const overdue = !memory.wasHealthy && memory.firstStartedAt !== null &&
    deployment.kind === "service" && now - memory.firstStartedAt >= deployment.spec.deadlineMs;
  const staged = withContainer(world, deployment, routes, seen);
  if (!overdue || staged.stage === "running") return staged;
  return {
    stage: "failed",
    reason: staged.reason ?? {
      code: "deadline",
      message: `not healthy within ${Math.round(deployment.spec.deadlineMs / 1000)} s`,
    },
  };
}

function jobFailure(seen: ContainerSeen | undefined, deployment: Deployment, code: number): Reason {
  if (seen?.outOfMemory === true) return endReason(seen, deployment);
  return { code: "exited", message: `it ended with exit code ${code}` };
}

function withoutContainer(world: World, deployment: Deployment): Stage {
  if (deployment.want !== "run") return "stopped";
  const here = hasImage(world, deployment);
  return here || !world.pulls.has(deployment.spec.image.pin) ? "pending" : "pulling";
}

function withContainer(
  world: World,
  deployment: Deployment,
  routes: readonly NamedRoute[],
  seen: ContainerSeen,
): Staged {
  const { id } = deployment;
  switch (seen.state) {
    case "created":
      return { stage: "starting", reason: null };
    case "unknown":
      return { stage: "unknown", reason: null };
    case "paused":
    case "stopping":
      return { stage: "starting", reason: null };
    case "dead":
    case "exited": {
      const code = seen.exitCode;
      const reason = endReason(seen, deployment);
      const again = mayRetry(deployment, memoryOf(world, id), seen);
      return { stage: again ? "starting" : code === 0 ? "stopped" : "failed", reason };
    }
    case "running":
      break;
  }
  if (deployment.kind === "job") return { stage: "running", reason: null };
  if (!isReady(world, id)) return { stage: "starting", reason: illness(world, deployment) };
  const old = deployment.replaces;
  const named = deployment.addresses[0];
  if (named !== undefined && !world.seen.names.addresses.has(named)) {
    return { stage: "dns_updating", reason: null };
  }
  const address = reachedAt(deployment);
  if (address !== null) {
    if (lacksRoute(world, deployment, routes, address)) {
      const { problem } = world.seen.routes;
      // Only what a reason is made of: the control plane refuses a report with anything else.
      const reason = problem === null ? null : { code: problem.code, message: problem.message };
      return { stage: "traefik_updating", reason };
    }
  }
  if (old !== null && isRunning(world, old)) return { stage: "stopping_old", reason: null };
  return { stage: "running", reason: null };
}

/** Is there a served route of its service that the proxy has not been shown to lead to it? */
function lacksRoute(
  world: World,
  deployment: Deployment,
  routes: readonly NamedRoute[],
  address: string,
): boolean {
  const { servers } = world.seen.routes;
  return routes.some(({ problem, service, ingress }) =>
    problem === null && service === deployment.service &&
    ingress.servers.some((server) => server.startsWith(`${address}:`) && !servers.has(server))
  );
}

function illness(world: World, deployment: Deployment): Reason {
  const health = world.health.get(deployment.id);
  if (health === undefined) {
    return { code: "health", message: "its health has not been looked at yet" };
  }
  const said = health.output === null ? "" : `: ${health.output}`;
  return health.health === "unhealthy"
    ? {
      code: "unhealthy",
      message: `its health check failed ${health.failingStreak} times${said}`,
    }
    : { code: "health", message: `waits for its first healthy check${said}` };
}

export function healthOf(world: World, deployment: Deployment): Health {
  if (deployment.kind === "job" || !isRunning(world, deployment.id)) return "none";
  return world.health.get(deployment.id)?.health ?? "starting";
}
