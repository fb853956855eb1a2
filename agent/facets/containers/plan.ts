/**
 * What is to be done about each container, from what is wanted and what is. Pure: the same world
 * and time give the same verdicts, in the order of the sections.
 */
import type { ContainersSection, Deployment } from "../../../shared/model/sections.ts";
import type { DeploymentId } from "../../../shared/model/ids.ts";
import type { Instant, Reason, Verdict } from "../../../shared/model/verdict.ts";
import type { ContainerSeen } from "../../drivers/podman/driver.ts";
import { backoffMs } from "../../reconcile/backoff.ts";
import { endReason, pauseReason } from "../../reconcile/end_reason.ts";
import {
  hasImage,
  type Intent,
  intentOf,
  isAtRest,
  isRunning,
  memoryOf,
  replacements,
} from "../../reconcile/intent.ts";
import { comesUpUntil, mayRetry } from "../../reconcile/memory.ts";
import { sharersOf, sharingObstacle, uprooted } from "../../reconcile/sharing.ts";
import type { Planned, World } from "../../reconcile/world.ts";
import { LABELS } from "./create.ts";
import { dependencyGate } from "./dependencies.ts";
import { beforeYield, withdrawal } from "./withdrawal.ts";

export type ContainerStep =
  /** Makes the container and starts it. */
  | { readonly kind: "create"; readonly deployment: DeploymentId }
  | { readonly kind: "start"; readonly deployment: DeploymentId; readonly containerId: string }
  /** Runs what follows the start of a container that runs. */
  | { readonly kind: "post_start"; readonly deployment: DeploymentId; readonly containerId: string }
  /** Stops an ill one; being stopped it is then started again as one that ended. */
  | {
    readonly kind: "stop";
    readonly deployment: DeploymentId;
    readonly containerId: string;
    readonly graceMs: number;
  }
  | {
    readonly kind: "remove";
    readonly containerId: string;
    readonly name: string;
    /** null: it belongs to none that can be told. */
    readonly deployment: DeploymentId | null;
    /** It is stopped before, with so much time. */
    readonly graceMs?: number;
  };

type V = Verdict<ContainerStep>;
const CONVERGED: V = { kind: "converged" };

export function planContainers(world: World, now: Instant): readonly Planned<ContainerStep>[] {
  const planned: Planned<ContainerStep>[] = [];
  const byReplaced = replacements(world);
  const wantedAddresses = new Set<string>();
  const known = new Set<DeploymentId>();
  for (const section of world.desired.containers) {
    for (const each of section.deployments) {
      known.add(each.id);
      if (each.want !== "absent") each.addresses.forEach((a) => wantedAddresses.add(a));
    }
  }
  for (const section of world.desired.containers) {
    for (const deployment of section.deployments) {
      const intent = intentOf(world, deployment, byReplaced.get(deployment.id));
      planned.push({
        subject: deployment.id,
        verdict: verdictOf({ world, section, deployment, intent, now, wantedAddresses }),
      });
    }
  }
  for (const [id, seen] of world.seen.containers.byDeployment) {
    if (!known.has(id)) planned.push(orphan(world, now, seen, id, wantedAddresses));
  }
  for (const stray of world.seen.containers.strays) {
    planned.push(orphan(world, now, stray, null, wantedAddresses));
  }
  return planned;
}

interface Case {
  readonly world: World;
  readonly section: ContainersSection;
  readonly deployment: Deployment;
  readonly intent: Intent;
  readonly now: Instant;
  readonly wantedAddresses: ReadonlySet<string>;
}

function verdictOf(c: Case): V {
  const seen = c.world.seen.containers.byDeployment.get(c.deployment.id);
  switch (c.intent.kind) {
    case "run":
      if (isAtRest(c.deployment)) return atRest(c, seen);
      return seen === undefined ? missing(c) : present(c, seen);
    case "drain":
      return seen === undefined ? CONVERGED : draining(c, seen);
    case "yield":
      return seen === undefined ? CONVERGED : yielding(c, seen, c.intent.replacement);
    case "stay_stopped":
      return seen === undefined ? CONVERGED : staying(c, seen);
    case "gone":
      return seen === undefined ? CONVERGED : going(c, seen);
  }
}

/** It waits for its next run: its image is to be here by then. */
function atRest(c: Case, seen: ContainerSeen | undefined): V {
  if (seen !== undefined) {
    return remove(c, seen, "retire", "it has no container between its runs", c.deployment.id);
  }
  return hasImage(c.world, c.deployment) ? CONVERGED : imageObstacle(c);
}

/** It has no container. */
function missing(c: Case): V {
  const memory = memoryOf(c.world, c.deployment.id);
  if (memory.jobExit !== null) return CONVERGED;
  const obstacle = startObstacle(c) ??
    (hasImage(c.world, c.deployment) ? null : imageObstacle(c));
  if (obstacle !== null) return obstacle;
  return {
    kind: "do",
    step: { kind: "create", deployment: c.deployment.id },
    key: `create:${c.deployment.id}`,
    phase: "start",
    why: "it has no container yet",
  };
}

/**
 * What keeps a deployment from starting now, besides its image; null: nothing. A container that is
 * there needs its image no more, and where that is damaged keeps it from being fetched again.
 */
function startObstacle(c: Case, seen?: ContainerSeen): V | null {
  const { world, deployment, section, now } = c;
  const old = deployment.replaces;
  if (deployment.order === "stop_first" && old !== null && isRunning(world, old)) {
    return waiting("stop_first", `the one before stops first: ${deployment.orderReason}`, now);
  }
  const gate = dependencyGate(world, section, deployment);
  if (gate.kind === "waiting") return { kind: "waiting", for: gate.reason, since: now };
  if (gate.kind === "failed") {
    return {
      kind: "blocked",
      reason: gate.reason,
      remedy: "look at its logs, mend it and apply again",
    };
  }
  const sharing = sharingObstacle(world, section, deployment, seen);
  if (sharing !== null) return waiting("sharing", sharing, now);
  if (deployment.addresses.length > 0 && !world.seen.network.podmanNetwork) {
    return waiting("network", "waits for the node's container network", now);
  }
  const mounted = world.seen.secrets.byDeployment.get(deployment.id);
  const lacking = deployment.spec.secrets.find((secret) => !mounted?.has(secret.version));
  if (lacking) return waiting("secrets", `waits for secret "${lacking.name}"`, now);
  return null;
}

function imageObstacle({ world, deployment, now }: Case): V {
  const { reference } = deployment.image;
  const pull = world.pulls.get(deployment.spec.image.pin);
  if (pull?.kind === "failed") {
    return {
      kind: "waiting",
      for: { code: pull.reason.code, message: pull.reason.message },
      since: pull.at,
      until: pull.retryAt,
    };
  }
  return pull === undefined
    ? waiting("image", `waits for image "${reference}"`, now)
    : waiting("pulling", `pulls image "${reference}": ${pull.progress}`, pull.since);
}

/** It has a container and is to run. */
function present(c: Case, seen: ContainerSeen): V {
  const { deployment, now } = c;
  const memory = memoryOf(c.world, deployment.id);
  if (seen.labels["skerry.spec.hash"] !== deployment.specHash) {
    return remove(c, seen, "start", "its spec hash is not the wanted one", deployment.id);
  }
  const moved = uprooted(c.world, c.section, deployment, seen);
  if (moved !== null) return makeAnew(c, seen, moved);
  switch (seen.state) {
    case "running":
      return running(c, seen);
    case "created":
      return startObstacle(c, seen) ?? start(seen, deployment, "it was made but not started");
    case "paused":
      return waiting("paused", "somebody paused it; `podman unpause` lets it go on", now);
    case "stopping":
      return waiting("stopping", "it is being stopped", now);
    case "unknown":
      return waiting("unknown", "Podman does not know its state yet", now);
    case "exited":
    case "dead": {
      if (memory.jobExit !== null) return CONVERGED;
      if (deployment.kind === "service" && !mayRetry(deployment, memory, seen)) return CONVERGED;
      const crashed = endReason(seen, deployment);
      const held = heldBack(memory.crashStreak, memory.lastCrashAt, crashed, now);
      if (held !== null) return held;
      const obstacle = startObstacle(c, seen);
      if (obstacle !== null) return obstacle;
      // Podman believes that a container without its conmon runs: only removing it mends that.
      return seen.state === "dead"
        ? remove(c, seen, "start", crashed.message, deployment.id)
        : start(seen, deployment, crashed.message);
    }
  }
}

function running(c: Case, seen: ContainerSeen): V {
  if (c.world.seen.containers.awaitingHooks?.has(c.deployment.id) === true) {
    return {
      kind: "do",
      step: { kind: "post_start", deployment: c.deployment.id, containerId: seen.id },
      key: `post_start:${c.deployment.id}`,
      phase: "start",
      why: "what follows its start is not done yet",
    };
  }
  const health = c.world.health.get(c.deployment.id);
  if (health?.health !== "unhealthy") return CONVERGED;
  const memory = memoryOf(c.world, c.deployment.id);
  const ill: Reason = {
    code: "unhealthy",
    message: `its health check failed ${health.failingStreak} times` +
      (health.output === null ? "" : `: ${health.output}`),
  };
  const until = comesUpUntil(c.deployment, memory, c.now);
  if (until !== null) {
    return { kind: "waiting", for: ill, since: memory.firstStartedAt ?? c.now, until };
  }
  const held = heldBack(memory.crashStreak, memory.lastCrashAt, ill, c.now);
  return held ?? stop(c, seen, "start", ill.message);
}

function heldBack(streak: number, since: Instant | null, why: Reason, now: Instant): V | null {
  // The first fall is answered at once.
  const until = (since ?? now) + backoffMs(streak - 1);
  if (until <= now) return null;
  return { kind: "waiting", for: pauseReason(why, streak, until), since: since ?? now, until };
}

/** Its replacement took over: it stops once nobody reaches it any more. */
function draining(c: Case, seen: ContainerSeen): V {
  if (!isAlive(seen)) return CONVERGED;
  const left = withdrawal(c.world, c.deployment, "drain", c.now);
  return left ?? stop(c, seen, "retire", "its replacement is healthy and took over");
}

/** Its replacement can only start once it has stopped. */
function yielding(c: Case, seen: ContainerSeen, replacement: Deployment): V {
  if (!isAlive(seen)) return CONVERGED;
  const gate = dependencyGate(c.world, c.section, replacement);
  if (gate.kind !== "open") return CONVERGED;
  if (sharingObstacle(c.world, c.section, replacement, undefined) !== null) return CONVERGED;
  const left = beforeYield(c.world, c.section, c.deployment, c.intent, c.now);
  return left ?? stop(c, seen, "start", `its replacement waits: ${replacement.orderReason}`);
}

function staying(c: Case, seen: ContainerSeen): V {
  return isAlive(seen) ? stop(c, seen, "retire", "it was replaced or given up") : CONVERGED;
}

function going(c: Case, seen: ContainerSeen): V {
  const { deployment, wantedAddresses } = c;
  const inTheWay = deployment.addresses.some((address) => wantedAddresses.has(address));
  const phase = inTheWay ? "prepare" : "retire";
  // One replica less is no end: who is served by it is led to the others first, as at a replacement.
  const goesOn = !inTheWay &&
    c.section.deployments.some((each) =>
      each.service === deployment.service && each.id !== deployment.id && each.want === "run"
    );
  const left = withdrawal(c.world, deployment, goesOn ? "drain" : "now", c.now);
  // Who lives with it goes before it, but for a job, which is left to its end.
  const sharer = sharersOf(c.world.seen.containers, seen.id)
    .find((each) => jobOf(c.section, each.deployment) === false);
  if (isAlive(seen) && sharer !== undefined) return sharersFirst(sharer.container, c.now);
  if (isAlive(seen)) return left ?? stop(c, seen, phase, "it is no longer wanted");
  return remove(c, seen, phase, "it is no longer wanted", deployment.id);
}

function orphan(
  world: World,
  now: Instant,
  seen: ContainerSeen,
  deployment: DeploymentId | null,
  wantedAddresses: ReadonlySet<string>,
): Planned<ContainerStep> {
  if (seen.labels[LABELS.deployment] === undefined) return stranger(seen, wantedAddresses);
  const project = seen.labels["skerry.project.name"];
  const told = world.desired.containers.some((section) => section.projectName === project);
  // A project that this node was told nothing of is left as it is.
  const subject = `container:${seen.name}`;
  if (project !== undefined && !told) return { subject, verdict: CONVERGED };
  const inTheWay = seen.address !== null && wantedAddresses.has(seen.address);
  const phase = inTheWay ? "prepare" : "retire";
  return {
    subject,
    verdict: remove({ world, now }, seen, phase, "no deployment wants it", deployment),
  };
}

/** Made by somebody else, whatever its name: it is left alone, and told where it is in the way. */
function stranger(
  seen: ContainerSeen,
  wantedAddresses: ReadonlySet<string>,
): Planned<ContainerStep> {
  const subject = `container:${seen.name}`;
  const { address, name } = seen;
  if (address === null || !wantedAddresses.has(address)) return { subject, verdict: CONVERGED };
  const message =
    `the container "${name}", which Skerry did not make, holds ${address}, which is wanted`;
  return {
    subject,
    verdict: {
      kind: "blocked",
      reason: { code: "stranger", message },
      remedy: `remove it from this home's Podman: podman rm --force ${name}`,
    },
  };
}

function isAlive(seen: ContainerSeen): boolean {
  return seen.state === "running" || seen.state === "paused" || seen.state === "stopping";
}

function waiting(code: string, message: string, since: Instant): V {
  return { kind: "waiting", for: { code, message }, since };
}

function start(seen: ContainerSeen, deployment: Deployment, why: string): V {
  return {
    kind: "do",
    step: { kind: "start", deployment: deployment.id, containerId: seen.id },
    key: `start:${deployment.id}`,
    phase: "start",
    why,
  };
}

function stop(c: Case, seen: ContainerSeen, phase: "prepare" | "start" | "retire", why: string): V {
  return {
    kind: "do",
    step: {
      kind: "stop",
      deployment: c.deployment.id,
      containerId: seen.id,
      graceMs: c.deployment.spec.stopGraceMs,
    },
    key: `stop:${c.deployment.id}`,
    phase,
    why,
  };
}

function sharersFirst(sharer: ContainerSeen, now: Instant): V {
  const message = `waits until "${sharer.name}" is gone, which lives in its namespace`;
  return waiting("sharers", message, now);
}

function jobOf(section: ContainersSection, id: DeploymentId): boolean {
  return section.deployments.find((each) => each.id === id)?.kind === "job";
}

/** Stopped, removed, and made again where it can live now. */
function makeAnew(c: Case, seen: ContainerSeen, why: string): V {
  const { id, spec } = c.deployment;
  return remove(c, seen, "start", why, id, isAlive(seen) ? spec.stopGraceMs : undefined);
}

function remove(
  { world, now }: Pick<Case, "world" | "now">,
  seen: ContainerSeen,
  phase: "prepare" | "start" | "retire",
  why: string,
  deployment: DeploymentId | null,
  graceMs?: number,
): V {
  const [sharer] = sharersOf(world.seen.containers, seen.id);
  if (sharer !== undefined) return sharersFirst(sharer.container, now);
  return {
    kind: "do",
    step: {
      kind: "remove",
      containerId: seen.id,
      name: seen.name,
      deployment,
      ...(graceMs === undefined ? {} : { graceMs }),
    },
    key: `remove:${deployment ?? seen.id}`,
    phase,
    why,
  };
}
