/**
 * The agent's loop.
 *
 *     observe ─► remember (to disk) ─► plan (pure) ─► the steps that may begin ─► observe …
 *        ▲                                                  │ none
 *        └────────────────── poke or tick ◄── idle ◄────────┘
 *
 * Steps on containers run beside each other (`CONTAINER_STEPS` at most, one a deployment), all
 * others one at a time, and the loop waits for those. Starts that find no place follow as soon as
 * one ends, until the next plan: looking takes long while Podman starts many. What ends something
 * begins from a fresh look only.
 */
import type { Clock } from "../../shared/clock.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { Phase, Reason, ReportedVerdict } from "../../shared/model/verdict.ts";
import { DeploymentId, type PinId } from "../../shared/model/ids.ts";
import type { Action, BoundFacets } from "./action.ts";
import { backoffMs } from "./backoff.ts";
import { type Attempt, choose, type Do, laneOf } from "./choose.ts";
import { remember, tried } from "./memory.ts";
import { createObserver } from "./observe.ts";
import { servingOf } from "./serving.ts";
import { withSharedAddresses } from "./sharing.ts";
import { createVerdictBook } from "./verdicts.ts";
import type { DeploymentMemory, Desired, HealthSeen, PullState, World } from "./world.ts";

/** Steps on containers that may run at the same time. */
const CONTAINER_STEPS = 4;
/** Other steps are carried out one after the other for so long, then the world is looked at again. */
const STEPS_MS = 500;
/** With nothing to do the world is looked at this often. */
const IDLE_TICK_MS = 10_000;
/** While something is waited for, it is looked at after this, then twice as long each time. */
const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 2_000;
/** Who waits for longer than about a minute is no longer looked at so often: Podman's service sleeps. */
const QUICK_LOOKS = 30;

export interface MemoryStore {
  load(): Promise<ReadonlyMap<DeploymentId, DeploymentMemory>>;
  save(memory: ReadonlyMap<DeploymentId, DeploymentMemory>): Promise<void>;
}

/** What runs on its own and is told of, and asked for, every turn. */
export interface Surroundings {
  health(): ReadonlyMap<DeploymentId, HealthSeen>;
  pulls(): ReadonlyMap<PinId, PullState>;
  /** Open connections into the addresses of containers that are to go. */
  connections(world: Omit<World, "connections">): Promise<ReadonlyMap<string, number>>;
  /** Before each look: engines that must be there. Rejects where one cannot be had. */
  prepare(signal: AbortSignal): Promise<void>;
  /** A step failed, and why. */
  failed?(thrown: unknown): void;
  /** After each look: health targets, pulls and log followers follow what is. */
  follow(world: World): void;
}

export interface Turn {
  readonly world: World | null;
  readonly state: "idle" | "processing";
  readonly verdicts: readonly ReportedVerdict[];
}

export interface LoopDeps {
  readonly facets: BoundFacets;
  readonly surroundings: Surroundings;
  readonly memory: MemoryStore;
  readonly clock: Clock;
  readonly log: Log;
  /** After every turn; says itself whether anything is new. */
  onTurn(turn: Turn): void;
}

export interface Loop {
  setDesired(desired: Desired): void;
  /** Something changed: look now. */
  poke(): void;
  /** Runs until the signal aborts; steps under way are let end. */
  run(signal: AbortSignal): Promise<void>;
}

type Remembered = ReadonlyMap<DeploymentId, DeploymentMemory>;

export function createLoop(deps: LoopDeps): Loop {
  const { clock, log, facets, surroundings } = deps;
  const observer = createObserver(facets, clock);
  const book = createVerdictBook();
  const attempts = new Map<string, Attempt>();
  const busy = new Map<string, Promise<void>>();
  /** Planned starts that wait for a place; gone with the plan that they are of. */
  let queued: readonly (() => void)[] = [];
  /** Lanes of steps that were under way at any time since the last look began. */
  let touched = new Set<string>();
  let memory: Remembered = new Map();
  let keeping: Promise<void> = Promise.resolve();
  /** The last try to write it failed. */
  let unsaved = false;
  let desired: Desired | null = null;
  let wake: (() => void) | null = null;
  let poked = false;
  let lookMs = FIRST_LOOK_MS;
  let looks = 0;

  function poke(): void {
    poked = true;
    lookMs = FIRST_LOOK_MS;
    looks = 0;
    wake?.();
  }

  /** One after the other, each from what the one before left: steps and looks remember beside each other. */
  function keep(update: (before: Remembered) => Remembered): Promise<void> {
    keeping = keeping.then(() => write(update(memory)));
    return keeping;
  }

  async function write(next: Remembered): Promise<void> {
    if (unsaved || !sameMemory(memory, next)) {
      try {
        await deps.memory.save(next);
        unsaved = false;
      } catch (thrown) {
        // A full disk must not keep what died from being started again: what a crash may forget is
        // counted anew.
        if (!unsaved) {
          log.error("the agent's memory cannot be written", { reason: messageOf(thrown) });
        }
        unsaved = true;
      }
    }
    memory = next;
  }

  async function look(wanted: Desired, signal: AbortSignal) {
    try {
      await surroundings.prepare(signal);
    } catch (thrown) {
      signal.throwIfAborted();
      log.warn("an engine is missing", { reason: messageOf(thrown) });
    }
    const observation = await observer.observe(wanted, signal);
    if (observation.kind === "blind") return observation;
    const standing = {
      desired: withSharedAddresses(wanted, observation.seen.containers),
      seen: observation.seen,
      health: surroundings.health(),
      memory,
    };
    await keep((before) =>
      remember({ ...standing, memory: before }, startFailures(attempts), clock.now())
    );
    const current = { ...standing, memory };
    const partial = { ...current, pulls: surroundings.pulls(), ...servingOf(current) };
    const world: World = { ...partial, connections: await surroundings.connections(partial) };
    return { kind: "world" as const, world, blind: observation.blind };
  }

  function failed(action: Do, thrown: unknown): void {
    surroundings.failed?.(thrown);
    const { key } = action.verdict;
    const failures = (attempts.get(key)?.failures ?? 0) + 1;
    const known = thrown instanceof SkerryError;
    attempts.set(key, {
      failures,
      retryAt: clock.now() + backoffMs(failures),
      reason: { code: known ? thrown.code : "step_failed", message: messageOf(thrown) },
      remedy: known ? thrown.remedy : null,
    });
    log.warn("a step failed", { key, failures, reason: messageOf(thrown) });
  }

  /**
   * Kept until the next plan, which drops it where the step had its effect. One that is planned
   * again at once had none: it waits like one that failed, so that it cannot starve the others.
   */
  function done(key: string): void {
    const failures = (attempts.get(key)?.failures ?? 0) + 1;
    attempts.set(key, {
      failures,
      retryAt: clock.now() + backoffMs(failures),
      reason: { code: "no_effect", message: "it was done, but nothing of it is to be seen yet" },
      remedy: null,
    });
  }

  async function carryOut(action: Do, world: World, signal: AbortSignal): Promise<void> {
    const { key, why, phase } = action.verdict;
    log.info("step", { key, why });
    try {
      const started = DeploymentId.safeParse(action.subject);
      if (action.facet === "containers" && phase === "start" && started.success) {
        await keep((before) => tried(before, started.data, clock.now()));
      }
      await action.verdict.step(world, signal);
      done(key);
    } catch (thrown) {
      if (!signal.aborted) failed(action, thrown);
    }
    observer.forget(action.facet);
  }

  /** Takes a lane until the step has ended, and lets the next start have its place. */
  function begin(action: Do, world: World, signal: AbortSignal): void {
    const lane = laneOf(action);
    touched.add(lane);
    const running = carryOut(action, world, signal).then(() => {
      busy.delete(lane);
      if (!signal.aborted) fillPlaces();
      poke();
    });
    busy.set(lane, running);
  }

  function fillPlaces(): void {
    while (busy.size < CONTAINER_STEPS) {
      const [next, ...rest] = queued;
      if (next === undefined) return;
      queued = rest;
      next();
    }
  }

  /**
   * Begins what may begin; true: something was carried out to its end, so look again at once. What is
   * ready in one phase is carried out in one go, for as long as that does not hold up the next look:
   * of two facets that have something to do all the time, neither waits for the other.
   */
  async function act(
    actions: readonly Action[],
    world: World,
    signal: AbortSignal,
  ): Promise<boolean> {
    const ready = choose(actions, attempts, new Set([...touched, ...busy.keys()]), clock.now());
    const began = clock.monotonic();
    let phase: Phase | null = null;
    for (const action of ready) {
      if (phase !== null && action.verdict.phase !== phase) break;
      if (action.facet !== "containers") {
        phase = action.verdict.phase;
        await carryOut(action, world, signal);
        const isOld = signal.aborted || desired !== world.desired;
        if (isOld || clock.monotonic() - began > STEPS_MS) break;
      } else if (phase === null) {
        if (busy.size < CONTAINER_STEPS) begin(action, world, signal);
        else if (isStart(action)) queued = [...queued, () => begin(action, world, signal)];
      }
    }
    return phase !== null;
  }

  async function turn(signal: AbortSignal): Promise<number> {
    const wanted = desired;
    if (wanted === null) return IDLE_TICK_MS;
    // What ends while we look may have been seen as it was before: it waits for the next look.
    touched = new Set(busy.keys());
    const began = clock.monotonic();
    const looked = await look(wanted, signal);
    queued = [];
    const now = clock.now();
    if (looked.kind === "blind") {
      const verdicts = book.enter([], attempts, new Set(), looked.blind, now);
      deps.onTurn({ world: null, state: "processing", verdicts });
      return nextLook();
    }
    const { world, blind } = looked;
    surroundings.follow(world);
    const actions = Object.values(facets)
      .filter((facet) => !blind.has(facet.name))
      .flatMap((facet) => facet.actions(world, now));
    // What a facet that cannot look now would plan is not known.
    if (blind.size === 0) pruneAttempts(attempts, actions);
    const acted = await act(actions, world, signal);
    const lanes = new Set(busy.keys());
    const verdicts = book.enter(actions, attempts, lanes, blind, now);
    const settled = busy.size === 0 && blind.size === 0 &&
      actions.every(({ verdict }) => verdict.kind === "converged" || verdict.kind === "blocked");
    const state = settled ? "idle" : "processing";
    deps.onTurn({ world, state, verdicts });
    log.debug("turn", { state, ms: Math.round(10 * (clock.monotonic() - began)) / 10 });
    if (acted) return 0;
    if (settled) {
      lookMs = FIRST_LOOK_MS;
      return IDLE_TICK_MS;
    }
    return nextLook();
  }

  function nextLook(): number {
    const ms = lookMs;
    lookMs = Math.min(looks < QUICK_LOOKS ? LAST_LOOK_MS : IDLE_TICK_MS, lookMs * 2);
    looks += 1;
    return ms;
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    if (poked || ms <= 0) return;
    const waking = new AbortController();
    wake = () => waking.abort();
    try {
      await clock.sleep(ms, AbortSignal.any([signal, waking.signal]));
    } finally {
      wake = null;
    }
  }

  return {
    setDesired(next) {
      desired = next;
      queued = [];
      poke();
    },
    poke,
    async run(signal) {
      memory = await deps.memory.load();
      while (!signal.aborted) {
        poked = false;
        let waitMs = LAST_LOOK_MS;
        try {
          waitMs = await turn(signal);
        } catch (thrown) {
          if (signal.aborted) break;
          log.error("a turn of the loop failed", { reason: messageOf(thrown) });
        }
        await pause(waitMs, signal);
      }
      await Promise.all(busy.values());
    },
  };
}

/** Does the step make a container run that does not? */
function isStart(action: Do): boolean {
  return /^(create|start):/.test(action.verdict.key);
}

/** Why the last try to make or start each container failed. */
function startFailures(
  attempts: ReadonlyMap<string, Attempt>,
): ReadonlyMap<DeploymentId, Reason> {
  const failures = new Map<DeploymentId, Reason>();
  for (const [key, { reason }] of attempts) {
    const [kind, id] = key.split(":");
    const deployment = DeploymentId.safeParse(id);
    if ((kind === "create" || kind === "start") && deployment.success) {
      failures.set(deployment.data, reason);
    }
  }
  return failures;
}

/** Failures of steps that nobody plans any more are forgotten. */
function pruneAttempts(attempts: Map<string, Attempt>, actions: readonly Action[]): void {
  const planned = new Set<string>();
  for (const { verdict } of actions) if (verdict.kind === "do") planned.add(verdict.key);
  for (const key of attempts.keys()) if (!planned.has(key)) attempts.delete(key);
}

function sameMemory(
  a: ReadonlyMap<DeploymentId, DeploymentMemory>,
  b: ReadonlyMap<DeploymentId, DeploymentMemory>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [id, memory] of b) if (a.get(id) !== memory) return false;
  return true;
}
