/** Which events lie between the facts of one turn and those of the next. Pure. */
import type { EventKind, EventSubject, NodeEvent } from "../../shared/model/event.ts";
import type { Instant } from "../../shared/model/verdict.ts";
import { CRASH_LOOP_FROM } from "../reconcile/end_reason.ts";
import type { Fact, Facts, Life } from "./state.ts";

/**
 * In the order that they happened. A fact that was not there before counts as one of which nothing
 * had happened yet.
 */
export function eventsBetween(before: Facts, after: Facts, now: Instant): readonly NodeEvent[] {
  const events: NodeEvent[] = [];
  const say = (
    subject: EventSubject | null,
    kind: EventKind,
    message: string,
    at: Instant = now,
  ) => events.push({ at, kind, subject, message });
  const old = (key: string, kind: Fact["kind"]): Fact | undefined => {
    const fact = before.get(key);
    return fact?.kind === kind ? fact : undefined;
  };
  const namesOf = (facts: Facts, id: string | null) => {
    const fact = id === null ? undefined : facts.get(`life ${id}`);
    return fact?.kind === "life" ? fact.of : undefined;
  };
  for (const [key, fact] of after) {
    const earlier = old(key, fact.kind);
    switch (fact.kind) {
      case "intent":
        if (earlier?.kind === "intent" && sameIntent(earlier, fact)) break;
        say(null, "intent_received", `what is wanted is revision ${fact.revision}`);
        break;
      case "control": {
        const was = earlier?.kind === "control" ? earlier.problem : null;
        if (fact.problem !== null && was?.code !== fact.problem.code) {
          say(null, "control_lost", `the newest intent is not taken over: ${fact.problem.message}`);
        } else if (fact.problem === null && was !== null) {
          say(null, "control_back", "the control plane answers again");
        }
        break;
      }
      case "block": {
        if (earlier !== undefined) break;
        const { subject, facet, thing, reason, remedy } = fact.of;
        const about = subject === null ? `${facet} (${thing}): ` : "";
        const way = remedy === null ? "" : `; ${remedy}`;
        say(subject, "blocked", `${about}${reason.message}${way}`);
        break;
      }
      case "route": {
        const was = earlier?.kind === "route" && earlier.of.live;
        const { subject, live, place, reason } = fact.of;
        if (live && !was) say(subject, "route_published", `${place} leads to it`);
        if (!live && was) {
          const why = reason === null ? "" : `: ${reason.message}`;
          say(subject, "route_withdrawn", `${place} leads to it no more${why}`);
        }
        break;
      }
      case "life": {
        const from = events.length;
        lived(earlier?.kind === "life" ? earlier.of : null, fact.of, {
          say: (kind, message, at) => say(fact.of.subject, kind, message, at),
          replaced: namesOf(after, fact.of.replaces),
          successor: successorOf(after, fact.of),
        });
        events.push(...inTime(events.splice(from)));
        break;
      }
      default: {
        const never: never = fact;
        return never;
      }
    }
  }
  for (const [key, fact] of before) {
    if (after.has(key)) continue;
    if (fact.kind === "block") {
      say(fact.of.subject, "unblocked", `no longer: ${fact.of.reason.message}`);
    }
    if (fact.kind === "route" && fact.of.live) {
      say(fact.of.subject, "route_withdrawn", `${fact.of.place} leads to it no more`);
    }
    if (fact.kind === "life") {
      const { subject, container } = fact.of;
      if (container !== null) say(subject, "removed", "its container is removed");
    }
  }
  return inOrder(events);
}

interface Telling {
  say(kind: EventKind, message: string, at?: Instant): void;
  /** Whom it replaces. */
  readonly replaced: Life | undefined;
  /** Who replaces it. */
  readonly successor: Life | undefined;
}

function lived(before: Life | null, life: Life, { say, replaced, successor }: Telling): void {
  if (before === null && life.want === "run") {
    const change = replaced === undefined ? "" : `, in place of ${shortHash(replaced.specHash)}`;
    say("wanted", `is to run as ${shortHash(life.specHash)}${change}`);
  }
  tellImage(before, life, say);
  const { want } = life;
  if (want !== "run" && (before?.want ?? "run") === "run") {
    const why = successor === undefined ? "it is no longer wanted" : "its replacement takes over";
    if (life.container !== null) say("retiring", why);
  }
  if (life.container !== null && life.container !== before?.container) {
    say("created", `container ${life.container.slice(0, 12)} is made`);
  }
  if (life.startedAt !== null && life.startedAt !== before?.startedAt) {
    say("started", "it runs", life.startedAt);
  }
  tellKernel(before, life, say);
  tellHealth(before, life, say);
  tellEnd(before, life, say);
  if (life.crashStreak >= CRASH_LOOP_FROM && (before?.crashStreak ?? 0) < CRASH_LOOP_FROM) {
    say("crash_loop", life.pause?.message ?? `it ended ${life.crashStreak} times in a row`);
  } else if (life.restarts > (before?.restarts ?? 0) && want === "run") {
    say("restarting", life.pause?.message ?? `it is started again, restart ${life.restarts}`);
  } else if (before !== null && before.crashStreak >= CRASH_LOOP_FROM && life.crashStreak === 0) {
    say("recovered", "it stays up: the crash loop is over");
  }
  if (life.gaveUp !== null && (before?.gaveUp ?? null) === null) {
    say("gave_up", `given up, the one before serves on: ${life.gaveUp.message}`);
  }
  if (life.named && !(before?.named ?? false)) say("named", "names lead to it");
  if (!life.named && (before?.named ?? false)) say("unnamed", "names lead to it no more");
  if (before?.container != null && life.container === null) {
    say("removed", "its container is removed");
  }
}

type Say = Telling["say"];

function tellImage(before: Life | null, life: Life, say: Say): void {
  const { reference, state, reason } = life.image;
  const was = before?.image.state ?? "unknown";
  switch (state) {
    case "unknown":
      return;
    case "pulling":
      if (was === "unknown") say("pulling", `its image ${reference} is fetched`);
      return;
    case "here":
      if (was === "pulling" || was === "failed") {
        say("image_ready", `its image ${reference} is here`);
      }
      return;
    case "failed":
      if (before?.image.reason?.message === reason?.message) return;
      say(
        "pull_failed",
        `its image ${reference} cannot be fetched: ${reason?.message ?? "unknown"}`,
      );
      return;
    default: {
      const never: never = state;
      return never;
    }
  }
}

/** Counters begin anew with each start. A fork bomb is told each time that it is ten times worse. */
function tellKernel(before: Life | null, life: Life, say: Say): void {
  const { kernel } = life;
  if (kernel === undefined) return;
  const sameLife = before?.startedAt === life.startedAt && before?.container === life.container;
  const was = sameLife ? before?.kernel : undefined;
  if (kernel.off !== null && kernel.off !== was?.off) {
    say("limits_differ", `the kernel does not have its limits as they are wished: ${kernel.off}`);
  }
  const refused = kernel.refusedProcesses;
  const told = was?.refusedProcesses ?? 0;
  if (refused > 0 && (told === 0 || magnitude(refused) > magnitude(told))) {
    const limit = kernel.pids === null ? "its limit" : `its limit of ${kernel.pids}`;
    const times = refused === 1 ? "one more was" : `${refused} more were`;
    say("process_limit", `it reached ${limit} processes: ${times} refused`);
  }
  const killed = kernel.memoryKills - (was?.memoryKills ?? 0);
  if (killed > 0) {
    const which = killed === 1 ? "a process" : `${killed} processes`;
    say("process_killed", `the kernel killed ${which} of it: out of memory`);
  }
}

/** How many digits a number has. */
function magnitude(count: number): number {
  return String(count).length;
}

function tellHealth(before: Life | null, life: Life, say: Say): void {
  const sameStart = before?.startedAt === life.startedAt;
  const was = sameStart ? before?.health ?? "none" : "none";
  if (life.health === was) return;
  if (life.health === "healthy") say("healthy", "its check passes");
  if (life.health === "unhealthy") {
    const said = life.illness === null || life.illness === "" ? "" : `: ${life.illness}`;
    say("unhealthy", `its check fails${said}`);
  }
}

function tellEnd(before: Life | null, life: Life, say: Say): void {
  const { ended } = life;
  if (ended !== null && (before?.ended == null || before.startedAt !== life.startedAt)) {
    const at = ended.at ?? undefined;
    if (ended.reason.code === "out_of_memory") say("killed_for_memory", ended.reason.message, at);
    else if (life.want !== "run") say("retired", `it is stopped: ${ended.reason.message}`, at);
    else say("exited", ended.reason.message, at);
  }
  if (life.jobExit !== null && (before?.jobExit ?? null) === null) {
    if (life.jobExit === 0) say("completed", "the job is done");
    else say("failed", `the job failed with exit code ${life.jobExit}`);
  }
}

function successorOf(facts: Facts, life: Life): Life | undefined {
  for (const fact of facts.values()) {
    if (fact.kind !== "life") continue;
    if (fact.of.replaces !== null && fact.of.replaces === life.subject.deployment) return fact.of;
  }
  return undefined;
}

function sameIntent(
  a: { readonly revision: number; readonly epoch: number },
  b: { readonly revision: number; readonly epoch: number },
): boolean {
  return a.revision === b.revision && a.epoch === b.epoch;
}

function shortHash(hash: string): string {
  return hash.slice(0, 12);
}

/** Of one life, in order: what came before something was not later than it. */
function inTime(events: readonly NodeEvent[]): readonly NodeEvent[] {
  let latest = Number.POSITIVE_INFINITY;
  return events.toReversed().map((event) => {
    latest = Math.min(latest, event.at);
    return { ...event, at: latest };
  }).toReversed();
}

/** By time; what happened at one time keeps its order. */
function inOrder(events: readonly NodeEvent[]): readonly NodeEvent[] {
  return [...events].sort((a, b) => a.at - b.at);
}
