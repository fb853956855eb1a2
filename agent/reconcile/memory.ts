/**
 * What the agent remembers about deployments, brought up to date with what it sees. Pure; the loop
 * writes it to disk before it plans, so that a verdict never rests on something a crash would undo.
 */
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import type { Instant, Reason } from "../../shared/model/verdict.ts";
import type { ContainerSeen } from "../drivers/podman/driver.ts";
import { endReason } from "./end_reason.ts";
import { uprooted } from "./sharing.ts";
import { intentOf, isReady, memoryOf, replacements, type Standing } from "./intent.ts";
import type { DeploymentMemory, HealthSeen } from "./world.ts";

/** Healthy for this long, a container's earlier crashes are forgiven. */
export const FORGIVEN_AFTER_MS = 10_000;

/** @param failures why the last try to make or start a deployment's container failed */
export function remember(
  world: Standing,
  failures: ReadonlyMap<DeploymentId, Reason>,
  now: Instant,
): ReadonlyMap<DeploymentId, DeploymentMemory> {
  const next = new Map<DeploymentId, DeploymentMemory>();
  const byReplaced = replacements(world);
  const retiring = new Set<DeploymentId>();
  for (const { deployments } of world.desired.containers) {
    for (const each of deployments) if (each.want === "retire") retiring.add(each.id);
  }
  for (const section of world.desired.containers) {
    for (const deployment of section.deployments) {
      const before = notAfter(memoryOf(world, deployment.id), now);
      const seen = world.seen.containers.byDeployment.get(deployment.id);
      const shouldRun = intentOf(world, deployment, byReplaced.get(deployment.id)).kind === "run";
      let memory = seen === undefined ? before : observed(before, deployment, seen, {
        ready: isReady(world, deployment.id),
        health: world.health.get(deployment.id),
        shouldRun,
        isUprooted: seen.state === "running" &&
          uprooted(world, section, deployment, seen) !== null,
        now,
      });
      const canFallBack = deployment.replaces !== null && retiring.has(deployment.replaces);
      if (canFallBack) {
        const state = failures.get(deployment.id)?.message ?? describeState(seen, deployment);
        memory = givenUp(memory, deployment, state, now);
      }
      next.set(deployment.id, memory);
    }
  }
  return next;
}

/** The machine's clock was set back while the agent was away: what is remembered cannot be later than now. */
function notAfter(memory: DeploymentMemory, now: Instant): DeploymentMemory {
  const { firstStartedAt, lastCrashAt } = memory;
  const future = (at: Instant | null) => at !== null && at > now;
  if (!future(firstStartedAt) && !future(lastCrashAt)) return memory;
  return {
    ...memory,
    firstStartedAt: future(firstStartedAt) ? now : firstStartedAt,
    lastCrashAt: future(lastCrashAt) ? now : lastCrashAt,
  };
}

/**
 * The agent was away for so long, with the power off or stopped: that time does not count against
 * what was coming up. Nothing was done for it then, and nobody looked whether it is healthy.
 */
export function resumed(memory: DeploymentMemory, awayMs: number): DeploymentMemory {
  const { firstStartedAt, wasHealthy, gaveUp, jobExit } = memory;
  if (firstStartedAt === null || wasHealthy || gaveUp !== null || jobExit !== null) return memory;
  return { ...memory, firstStartedAt: firstStartedAt + awayMs };
}

/** A first try to make or start its container begins: the deadline counts from here. */
export function tried(
  memory: ReadonlyMap<DeploymentId, DeploymentMemory>,
  id: DeploymentId,
  now: Instant,
): ReadonlyMap<DeploymentId, DeploymentMemory> {
  const before = memoryOf({ memory }, id);
  if (before.firstStartedAt !== null) return memory;
  return new Map(memory).set(id, { ...before, firstStartedAt: now });
}

interface Circumstances {
  readonly ready: boolean;
  readonly health: HealthSeen | undefined;
  readonly shouldRun: boolean;
  /** It is made anew for another's sake: its end is no fall. */
  readonly isUprooted: boolean;
  readonly now: Instant;
}

function observed(
  before: DeploymentMemory,
  deployment: Deployment,
  seen: ContainerSeen,
  { ready, health, shouldRun, isUprooted, now }: Circumstances,
): DeploymentMemory {
  let memory = before;
  if (seen.startedAt !== null && memory.firstStartedAt === null) {
    memory = { ...memory, firstStartedAt: now };
  }
  if (ready && !memory.wasHealthy) memory = { ...memory, wasHealthy: true };
  const longHealthy = ready && health !== undefined && now - health.since >= FORGIVEN_AFTER_MS;
  if (longHealthy && memory.crashStreak > 0) {
    memory = { ...memory, crashStreak: 0, lastCrashAt: null, countedStartAt: null };
  }
  if (isUprooted) {
    const counted = memory.countedStartAt === seen.startedAt;
    return counted ? memory : { ...memory, countedStartAt: seen.startedAt };
  }
  const ended = (seen.state === "exited" || seen.state === "dead") && seen.startedAt !== null;
  const ill = seen.state === "running" && health?.health === "unhealthy" &&
    comesUpUntil(deployment, memory, now) === null;
  if (!(ended || ill) || !shouldRun || memory.jobExit !== null) return memory;
  if (ended && deployment.kind === "job" && !mayRetry(deployment, memory, seen)) {
    return {
      ...memory,
      jobExit: { at: seen.finishedAt ?? now, code: seen.exitCode ?? UNKNOWN_EXIT_CODE },
    };
  }
  if (memory.countedStartAt === seen.startedAt) return memory;
  return {
    ...memory,
    restarts: memory.restarts + 1,
    crashStreak: memory.crashStreak + 1,
    lastCrashAt: now,
    countedStartAt: seen.startedAt,
  };
}

/**
 * Until when a deployment that was never healthy may go on trying, whatever its checks say; null: it
 * may no more. A first start takes its time (a database that makes its files, on a slow disk): ended
 * in the middle it would begin anew, and never come up.
 */
export function comesUpUntil(
  { kind, spec }: Deployment,
  { wasHealthy, firstStartedAt }: DeploymentMemory,
  now: Instant,
): Instant | null {
  if (kind === "job" || wasHealthy || firstStartedAt === null) return null;
  const until = firstStartedAt + spec.deadlineMs;
  return now < until ? until : null;
}

/** What is said of a process whose exit nobody saw (its conmon was killed). */
const UNKNOWN_EXIT_CODE = 255;

/** May a container that ended be started again under its restart policy? */
export function mayRetry(
  deployment: Deployment,
  memory: DeploymentMemory,
  seen: ContainerSeen,
): boolean {
  const policy = deployment.spec.restart;
  switch (policy.kind) {
    case "always":
    case "unless-stopped":
      return true;
    case "no":
      return false;
    case "on-failure":
      return seen.exitCode !== 0 &&
        (policy.maxRetries === null || memory.restarts <= policy.maxRetries);
  }
}

function givenUp(
  memory: DeploymentMemory,
  deployment: Deployment,
  state: string,
  now: Instant,
): DeploymentMemory {
  const failedJob = memory.jobExit !== null && memory.jobExit.code !== 0;
  const overdue = memory.jobExit === null && !memory.wasHealthy &&
    memory.firstStartedAt !== null && now - memory.firstStartedAt >= deployment.spec.deadlineMs;
  if (memory.gaveUp !== null || !(failedJob || overdue)) return memory;
  const reason: Reason = failedJob
    ? { code: "job_failed", message: `it ended with exit code ${memory.jobExit?.code}` }
    : {
      code: "deadline",
      message: `not healthy within ${Math.round(deployment.spec.deadlineMs / 1000)} s; ${state}`,
    };
  return { ...memory, gaveUp: { at: now, reason } };
}

function describeState(seen: ContainerSeen | undefined, deployment: Deployment): string {
  if (seen === undefined) return "it has no container";
  if (seen.outOfMemory === true) return `last ${endReason(seen, deployment).message}`;
  return seen.state === "exited"
    ? `it last exited with code ${seen.exitCode ?? "unknown"}`
    : `its container is ${seen.state}`;
}
