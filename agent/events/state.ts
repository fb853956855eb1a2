/**
 * What of a turn of the loop events are made from: small, so that it is kept beside them, and made
 * from the same world for every capability. Pure.
 */
import { z } from "zod";
import { DeploymentId } from "../../shared/model/ids.ts";
import { EventSubject } from "../../shared/model/event.ts";
import { compareLimits, limitsSentence } from "../../shared/model/limits.ts";
import type { RouteReport } from "../../shared/model/report.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import { Instant, Reason, type ReportedVerdict } from "../../shared/model/verdict.ts";
import { endReason } from "../reconcile/end_reason.ts";
import { hasImage, memoryOf } from "../reconcile/intent.ts";
import type { World } from "../reconcile/world.ts";

const Life = z.strictObject({
  subject: EventSubject,
  specHash: z.string(),
  want: z.enum(["run", "retire", "absent"]),
  replaces: DeploymentId.nullable(),
  image: z.strictObject({
    reference: z.string(),
    state: z.enum(["unknown", "pulling", "here", "failed"]),
    reason: Reason.nullable(),
  }),
  /** The container's id; null: none. */
  container: z.string().nullable(),
  running: z.boolean(),
  startedAt: Instant.nullable(),
  /** How its last life ended, while it has ended. */
  ended: z.strictObject({ at: Instant.nullable(), reason: Reason }).nullable(),
  health: z.enum(["starting", "healthy", "unhealthy", "none"]),
  /** What its failing check said. */
  illness: z.string().nullable(),
  restarts: z.int().nonnegative(),
  crashStreak: z.int().nonnegative(),
  /** Why it is not started again at once. */
  pause: Reason.nullable(),
  gaveUp: Reason.nullable(),
  jobExit: z.int().nullable(),
  named: z.boolean(),
  /** What the kernel says of this life; absent: nothing. */
  kernel: z.strictObject({
    /** Limits that are not as wished, in words. */
    off: z.string().nullable(),
    pids: z.int().nullable(),
    refusedProcesses: z.int(),
    memoryKills: z.int(),
  }).exactOptional(),
});
export type Life = z.infer<typeof Life>;

const Route = z.strictObject({
  subject: EventSubject,
  live: z.boolean(),
  place: z.string(),
  reason: Reason.nullable(),
});

const Block = z.strictObject({
  subject: EventSubject.nullable(),
  facet: z.string(),
  thing: z.string(),
  reason: Reason,
  remedy: z.string().nullable(),
});

/** One thing that events are about. */
export const Fact = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("life"), of: Life }),
  z.strictObject({ kind: z.literal("route"), of: Route }),
  z.strictObject({ kind: z.literal("block"), of: Block }),
  z.strictObject({ kind: z.literal("intent"), revision: z.int(), epoch: z.int() }),
  z.strictObject({ kind: z.literal("control"), problem: Reason.nullable() }),
]);
export type Fact = z.infer<typeof Fact>;

/** Facts by a key that stays the same while the thing is the same. */
export type Facts = ReadonlyMap<string, Fact>;

/** What a turn of the loop saw and thought. */
export interface EventTurn {
  readonly world: World;
  readonly verdicts: readonly ReportedVerdict[];
  readonly routes: readonly RouteReport[];
  /** Why the newest intent is not taken over; null: it is. */
  readonly controlProblem: Reason | null;
}

/** The facts of a turn. */
export function factsOf({ world, verdicts, routes, controlProblem }: EventTurn): Facts {
  const facts = new Map<string, Fact>();
  const { epoch, revision } = world.desired;
  facts.set("intent", { kind: "intent", revision, epoch: epoch.n });
  facts.set("control", { kind: "control", problem: controlProblem });
  const subjects = new Map<string, EventSubject>();
  for (const { projectName, deployments } of world.desired.containers) {
    for (const deployment of deployments) {
      const subject: EventSubject = {
        project: projectName,
        service: deployment.serviceName,
        slot: deployment.slot,
        deployment: deployment.id,
      };
      subjects.set(deployment.id, subject);
      const pause = verdicts.find((each) =>
        each.facet === "containers" && each.subject === deployment.id &&
        each.kind === "waiting" && each.until !== undefined
      );
      const of = lifeOf(world, deployment, subject, pause?.reason ?? null);
      facts.set(`life ${deployment.id}`, { kind: "life", of });
    }
  }
  for (const section of world.desired.routes) {
    for (const route of section.routes) {
      const seen = routes.find((each) => each.project === section.project && each.id === route.id);
      const subject: EventSubject = {
        project: section.projectName,
        service: route.serviceName,
        slot: null,
        deployment: null,
      };
      facts.set(`route ${section.project} ${route.id}`, {
        kind: "route",
        of: {
          subject,
          live: seen?.live ?? false,
          place: `${route.host ?? "any host"}${route.path}`,
          reason: seen?.reason ?? null,
        },
      });
    }
  }
  for (const { kind, facet, subject, reason, remedy } of verdicts) {
    // A step that ended while the loop looked bears this code for one turn: nothing blocks it.
    if (kind !== "blocked" || reason.code === "no_effect") continue;
    const of = {
      subject: subjects.get(subject) ?? null,
      facet,
      thing: subject,
      reason,
      remedy: remedy ?? null,
    };
    facts.set(`block ${facet} ${subject} ${reason.code}`, { kind: "block", of });
  }
  return facts;
}

function lifeOf(
  world: World,
  deployment: Deployment,
  subject: EventSubject,
  pause: Reason | null,
): Life {
  const { id } = deployment;
  const seen = world.seen.containers.byDeployment.get(id);
  const memory = memoryOf(world, id);
  const ended = seen?.state === "exited" || seen?.state === "dead";
  const health = world.health.get(id);
  const running = seen?.state === "running";
  const kernel = running ? world.seen.containers.kernel?.get(id) : undefined;
  return {
    subject,
    specHash: deployment.specHash,
    want: deployment.want,
    replaces: deployment.replaces,
    image: imageOf(world, deployment),
    container: seen?.id ?? null,
    running,
    startedAt: seen?.startedAt == null ? null : Math.round(seen.startedAt),
    ended: ended && seen.startedAt !== null
      ? {
        at: seen.finishedAt === null ? null : Math.round(seen.finishedAt),
        reason: endReason(seen, deployment),
      }
      : null,
    health: running ? health?.health ?? "starting" : "none",
    illness: running && health?.health === "unhealthy" ? health.output ?? "" : null,
    restarts: memory.restarts,
    crashStreak: memory.crashStreak,
    pause,
    gaveUp: memory.gaveUp?.reason ?? null,
    jobExit: memory.jobExit?.code ?? null,
    named: world.named.has(id),
    ...(kernel === undefined ? {} : {
      kernel: {
        off: limitsSentence(compareLimits(deployment.spec, kernel.limits)),
        pids: kernel.limits.pids,
        refusedProcesses: kernel.refusedProcesses,
        memoryKills: kernel.memoryKills,
      },
    }),
  };
}

function imageOf(world: World, deployment: Deployment): Life["image"] {
  const { reference, pin } = deployment.spec.image;
  if (hasImage(world, deployment)) return { reference, state: "here", reason: null };
  const pull = world.pulls.get(pin);
  switch (pull?.kind) {
    case undefined:
      return { reference, state: "unknown", reason: null };
    case "pulling":
      return { reference, state: "pulling", reason: null };
    case "failed":
      return { reference, state: "failed", reason: pull.reason };
  }
}
