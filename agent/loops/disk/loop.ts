/**
 * Looks after the disk that the home lies on: collects within the budget, says when it fills, keeps
 * space for bad days, and refuses what would take the last of it.
 *
 * A tick is one statfs. What Skerry keeps is summed up every ten minutes, or once the disk has
 * changed by a percent of its size; images are listed only when there is something to collect.
 */
import type { Ballast } from "../../../shared/ballast.ts";
import type { Clock } from "../../../shared/clock.ts";
import { diskProblem, FREE_SPACE, refusal } from "../../../shared/disk_text.ts";
import { isNoSpace, type ReadSpace } from "../../../shared/disk_space.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import {
  type DiskLimits,
  type DiskReport,
  keptBytes,
  levelOf,
  reserveBytes,
  type Space,
  usedPercent,
} from "../../../shared/model/disk.ts";
import type { Reason, ReportedVerdict } from "../../../shared/model/verdict.ts";
import { bytesText } from "../../../shared/bytes_text.ts";
import type { Podman } from "../../drivers/podman/driver.ts";
import type { Desired, World } from "../../reconcile/world.ts";
import { carryOut, collectedText } from "./carry_out.ts";
import { heldImages } from "./kept.ts";
import {
  type CollectPlan,
  type CollectStep,
  goalsOf,
  type HeldEvents,
  type HeldLog,
  planCollection,
} from "./plan.ts";
import type { ImageUses } from "./uses.ts";

/** A box that starts has other things to do. */
const FIRST_TICK_MS = 5_000;
/** One statfs. */
const TICK_MS = 60_000;
/** The same while the disk is not well, or the budget is passed. */
const QUICK_TICK_MS = 5_000;
const MEASURE_MS = 600_000;
/** What could not be freed is tried again after this. */
const RETRY_MS = 600_000;
/** Layers are shared, so an image gives less than its size: then more go. */
const ROUNDS = 20;
/** Percent: a disk about its bound is told of once. */
const WELL_BELOW = 2;
/** What a plan asked for stays so long, for the release that follows. */
const ASKED_MS = 3_600_000;

export interface DiskLoopDeps {
  readonly home: string;
  readonly limits: DiskLimits;
  /** An image that a person fetched or loaded stays so long. */
  readonly imageKeepMs: number;
  readonly readSpace: ReadSpace;
  readonly ballast: Ballast;
  readonly podman: Pick<Podman, "listImages" | "removeImage">;
  readonly uses: ImageUses;
  /** Of all layers of images; null: not known. */
  imageBytes(): Promise<number | null>;
  fileBytes(): Promise<number>;
  metricBytes(): number;
  readonly logs: {
    held(): Promise<readonly HeldLog[]>;
    dropSegment(deployment: string, number: number): Promise<void>;
  };
  readonly events: {
    held(): Promise<readonly HeldEvents[]>;
    dropSegment(number: number): Promise<void>;
    tell(kind: "collected", message: string): void;
  };
  readonly clock: Clock;
  readonly log: Log;
  /** The level is another one now. */
  onChange(): void;
}

export interface DiskLoop {
  /** What is wanted and used, after each look. */
  follow(
    world: Pick<World, "desired"> & {
      readonly seen: { readonly containers: Pick<World["seen"]["containers"], "images"> };
    },
  ): void;
  /** The disk as it is now; null: it cannot be looked at. */
  report(): DiskReport | null;
  /** What people should know. */
  verdicts(): readonly ReportedVerdict[];
  /** A person fetched it, or somebody asked what it is: it stays for a while. */
  spare(image: string, why: "fetched" | "asked"): void;
  /** Rejects with `disk_nearly_full`, by the disk as it is now. */
  admit(doing: string, needBytes?: number): void;
  /** Carries out; where the disk is full once more, with a slice of the ballast given back. */
  guarded<T>(work: () => Promise<T>): Promise<T>;
  /** Something failed for want of space, elsewhere. */
  noticed(): void;
  run(signal: AbortSignal): Promise<void>;
}

interface Measured {
  readonly kept: DiskReport["kept"];
  readonly usedBytes: number;
  readonly at: number;
}

export function createDiskLoop(deps: DiskLoopDeps): DiskLoop {
  const { clock, limits, log, ballast, uses } = deps;
  let desired: Desired | null = null;
  let measured: Measured | null = null;
  let collected: DiskReport["collected"] = null;
  let short: { readonly cause: CollectPlan["cause"]; readonly bytes: number } | null = null;
  let retryAt = Number.NEGATIVE_INFINITY;
  let level: DiskReport["level"] = "ok";
  let pressed = false;
  let told = false;
  let wake: () => void = () => undefined;

  async function measure(now: Space): Promise<Measured> {
    const sum = (items: readonly { readonly bytes: number }[]) =>
      items.reduce((total, { bytes }) => total + bytes, 0);
    const [images, files, logs, events] = await Promise.all([
      deps.imageBytes(),
      deps.fileBytes(),
      deps.logs.held(),
      deps.events.held(),
    ]);
    return {
      kept: {
        images: images ?? 0,
        files,
        logs: sum(logs),
        events: sum(events),
        metrics: deps.metricBytes(),
      },
      usedBytes: now.usedBytes,
      at: clock.monotonic(),
    };
  }

  function isMeasureDue(now: Space): boolean {
    if (measured === null || clock.monotonic() - measured.at >= MEASURE_MS) return true;
    return Math.abs(now.usedBytes - measured.usedBytes) >= Math.max(now.totalBytes / 100, 1);
  }

  function causeNow(now: Space, { kept }: Measured): CollectPlan["cause"] {
    const held = {
      space: now,
      imageBytes: kept.images,
      fileBytes: kept.files,
      metricBytes: kept.metrics,
      logs: [{ bytes: kept.logs }],
      events: [{ bytes: kept.events }],
    };
    return goalsOf(held, limits).cause;
  }

  async function look(failed: ReadonlySet<string>): Promise<CollectPlan | null> {
    const now = deps.readSpace(deps.home);
    if (now === null) return null;
    const [listed, total, fileBytes, logs, events] = await Promise.all([
      guarded(() => deps.podman.listImages()),
      deps.imageBytes(),
      deps.fileBytes(),
      deps.logs.held(),
      deps.events.held(),
    ]);
    uses.retain(new Set(listed.map(({ id }) => id)));
    const images = heldImages(listed, desired, uses.all(), clock.now())
      .filter(({ id }) => !failed.has(id));
    const imageBytes = total ?? listed.reduce((sum, each) => sum + each.sizeBytes, 0);
    const metricBytes = deps.metricBytes();
    const held = { space: now, imageBytes, images, logs, events, fileBytes, metricBytes };
    return planCollection(held, limits);
  }

  async function collect(before: Space, was: Measured): Promise<void> {
    const done: CollectStep[] = [];
    const tried = new Set<string>();
    let cause: CollectPlan["cause"] = null;
    for (let round = 0; round < ROUNDS; round++) {
      const plan = await look(tried);
      if (plan === null) break;
      cause ??= plan.cause;
      short = plan.cause === null ? null : { cause: plan.cause, bytes: plan.shortBytes };
      if (plan.steps.length === 0) break;
      for (const step of plan.steps) if (step.kind === "image") tried.add(step.id);
      const now = await carryOut(plan.steps, {
        removeImage: (image) => guarded(() => deps.podman.removeImage(image)),
        dropLog: (deployment, number) => deps.logs.dropSegment(deployment, number),
        dropEvents: (number) => deps.events.dropSegment(number),
        log,
      });
      done.push(...now);
      if (now.length === 0) break;
    }
    const after = deps.readSpace(deps.home) ?? before;
    measured = await measure(after);
    if (done.length === 0 || cause === null) return;
    const freedBytes = Math.max(0, keptBytes(was.kept) - keptBytes(measured.kept));
    collected = { at: clock.now(), freedBytes };
    const text = collectedText(done, freedBytes, cause, usedPercent(before));
    log.info("collected", { what: text });
    deps.events.tell("collected", text);
  }

  async function refill(now: Space): Promise<void> {
    const lacks = ballast.wholeBytes - ballast.heldBytes();
    if (lacks <= 0 || now.freeBytes - lacks < reserveBytes(now)) return;
    await ballast.refill();
  }

  async function tick(): Promise<void> {
    const now = deps.readSpace(deps.home);
    if (now === null) return;
    if (measured === null || isMeasureDue(now)) measured = await measure(now);
    const cause = causeNow(now, measured);
    pressed = cause !== null;
    if (cause === null) {
      short = null;
      retryAt = Number.NEGATIVE_INFINITY;
    } else if (clock.monotonic() >= retryAt && desired !== null) {
      retryAt = clock.monotonic() + RETRY_MS;
      await collect(now, measured);
    }
    const after = deps.readSpace(deps.home) ?? now;
    await refill(after);
    const next = levelOf(after, limits);
    if (next === level) return;
    level = next;
    deps.onChange();
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (!isNoSpace(thrown) || !ballast.release()) throw thrown;
      wake();
      return await work();
    }
  }

  function report(): DiskReport | null {
    const space = deps.readSpace(deps.home);
    if (space === null || measured === null) return null;
    return {
      totalBytes: space.totalBytes,
      usedBytes: space.usedBytes,
      freeBytes: space.freeBytes,
      usedPercent: usedPercent(space),
      level: levelOf(space, limits),
      ...limits,
      kept: measured.kept,
      collected,
    };
  }

  return {
    follow(world) {
      // What was needed before may be needed no more.
      if (desired?.revision !== world.desired.revision) retryAt = Number.NEGATIVE_INFINITY;
      desired = world.desired;
      const used = new Set([...world.seen.containers.images.values()].map(({ id }) => id));
      uses.used(used, clock.now());
    },
    report,
    verdicts() {
      const disk = report();
      if (disk === null) return [];
      // What is just below its bound was told of: it is over once there is some way to go.
      const near = told && disk.level === "ok" && disk.usedPercent > disk.highPercent - WELL_BELOW;
      const problem = diskProblem(near ? { ...disk, level: "filling" } : disk);
      told = problem !== null;
      const all: ReportedVerdict[] = [];
      const tell = (reason: Reason, remedy: string): void => {
        all.push({ facet: "disk", subject: reason.code, kind: "blocked", reason, remedy });
      };
      if (problem !== null) tell(problem, FREE_SPACE);
      if (short?.cause === "budget" && limits.budgetBytes !== null) {
        const over = Math.max(0, keptBytes(disk.kept) - limits.budgetBytes);
        if (over > 0) {
          tell({
            code: "disk_budget",
            message: `the disk budget of ${bytesText(limits.budgetBytes)} is passed by ${
              bytesText(over)
            }, and all that is left is needed`,
          }, "Give it more with --disk-budget, or delete a project.");
        }
      }
      return all;
    },
    spare(image, why) {
      uses.spare(image, clock.now() + (why === "fetched" ? deps.imageKeepMs : ASKED_MS));
    },
    admit(doing, needBytes) {
      const now = deps.readSpace(deps.home);
      const refused = now === null ? null : refusal(now, deps.home, doing, needBytes ?? null);
      if (refused === null) return;
      wake();
      throw refused;
    },
    guarded,
    noticed() {
      ballast.release();
      wake();
    },
    async run(signal) {
      await clock.sleep(FIRST_TICK_MS, signal);
      while (!signal.aborted) {
        const waking = new AbortController();
        wake = () => waking.abort();
        try {
          await tick();
        } catch (thrown) {
          if (signal.aborted) break;
          log.warn("the disk could not be looked after", { reason: messageOf(thrown) });
        }
        const ms = level === "ok" && !pressed ? TICK_MS : QUICK_TICK_MS;
        await clock.sleep(ms, AbortSignal.any([signal, waking.signal]));
      }
      await uses.settled();
    },
  };
}
