/**
 * Pulls of wanted images: ahead of the steps that need them, a few at a time, tried again with
 * back-off. A pull changes nothing that runs, so it is no step.
 */
import type { Clock } from "../../../shared/clock.ts";
import { DISK_NEARLY_FULL } from "../../../shared/disk_text.ts";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import type { PinId } from "../../../shared/model/ids.ts";
import type { Podman } from "../../drivers/podman/driver.ts";
import { backoffMs } from "../../reconcile/backoff.ts";
import { byDigest, imageKey } from "../../reconcile/image_key.ts";
import type { PullState, World } from "../../reconcile/world.ts";

const AT_ONCE = 3;
const PROGRESS_CHARACTERS = 120;
const DAMAGED_RETRY_MS = 30_000;

export interface WantedPull {
  readonly pin: PinId;
  /** What people wrote. */
  readonly reference: string;
  /** By which it is looked for on the node. */
  readonly key: string;
  /** What is asked for: by digest where that is known, so that what was decided is what comes. */
  readonly pullReference: string;
}

export interface Pulls {
  configure(wanted: readonly WantedPull[]): void;
  status(): ReadonlyMap<PinId, PullState>;
  /** What failed is tried again now: a registry is reached otherwise than before. */
  again(): void;
  close(): Promise<void>;
}

/** Images of wanted deployments that are not on this node, one a pin. Pure. */
export function wantedPulls(
  world: Pick<World, "desired"> & { readonly seen: Pick<World["seen"], "containers"> },
): readonly WantedPull[] {
  const wanted = new Map<PinId, WantedPull>();
  for (const section of world.desired.containers) {
    for (const { want, image, spec } of section.deployments) {
      const key = imageKey(image);
      if (want !== "run" || world.seen.containers.images.has(key)) continue;
      wanted.set(spec.image.pin, {
        pin: spec.image.pin,
        reference: image.reference,
        key,
        pullReference: image.digest === null
          ? image.reference
          : byDigest(image.reference, image.digest),
      });
    }
  }
  return [...wanted.values()];
}

export function createPulls(
  deps: {
    readonly clock: Clock;
    readonly podman: Podman;
    /** Throws where there is no room for a pull. */
    admit?(doing: string): void;
    /** A pull failed, and why. */
    failed?(thrown: unknown): void;
    onChange(): void;
  },
): Pulls {
  const { clock, podman } = deps;
  const states = new Map<PinId, PullState>();
  const failures = new Map<PinId, number>();
  /** Pulled, and not yet left out of what is wanted: not to be pulled again. */
  const done = new Set<PinId>();
  const running = new Map<PinId, Promise<void>>();
  const stop = new AbortController();
  let wanted: readonly WantedPull[] = [];

  /**
   * A registry that takes the connection and never answers keeps Podman from all other pulls
   * meanwhile, so it is asked by us first. What else goes wrong Podman may know better.
   */
  async function sayIfSilent(reference: string): Promise<void> {
    try {
      await podman.resolveDigest(reference, stop.signal);
    } catch (thrown) {
      if (thrown instanceof SkerryError && thrown.code === "timeout") throw thrown;
    }
  }

  /**
   * What is left of it would be taken for what is to come. One that a container still uses stays:
   * a pull over it mends its manifest, and of its layers those that are not in Podman's list.
   * True: there was something.
   */
  async function dropDamaged(key: string): Promise<boolean> {
    try {
      await podman.inspectImage(key, stop.signal);
      return false;
    } catch (thrown) {
      if (!(thrown instanceof SkerryError) || thrown.code !== "storage_damaged") return false;
    }
    try {
      await podman.removeImage(key, stop.signal);
    } catch (thrown) {
      if (!(thrown instanceof SkerryError) || thrown.code !== "image_in_use") throw thrown;
    }
    return true;
  }

  /** So that what comes of it is told as what it is. */
  const damaged = new Set<PinId>();

  async function pull(each: WantedPull): Promise<void> {
    const since = clock.now();
    const progress = (line: string) =>
      states.set(each.pin, {
        kind: "pulling",
        since,
        progress: line.trim().slice(0, PROGRESS_CHARACTERS),
      });
    progress("asking the registry");
    try {
      deps.admit?.(`pulling the image "${each.reference}"`);
      if (await dropDamaged(each.key)) damaged.add(each.pin);
      await sayIfSilent(each.pullReference);
      await podman.pullImage(each.pullReference, progress, stop.signal);
      done.add(each.pin);
      states.delete(each.pin);
      failures.delete(each.pin);
      damaged.delete(each.pin);
    } catch (thrown) {
      deps.failed?.(thrown);
      // Room may be made at any moment, and to look whether there is any costs nothing.
      const noRoom = thrown instanceof SkerryError && thrown.code === DISK_NEARLY_FULL;
      const count = noRoom ? 1 : (failures.get(each.pin) ?? 0) + 1;
      failures.set(each.pin, count);
      // It goes with the last container that uses it.
      const stays = thrown instanceof SkerryError && thrown.code === "storage_damaged";
      const now = clock.now();
      states.set(each.pin, {
        kind: "failed",
        at: now,
        reason: {
          code: thrown instanceof SkerryError ? `pull_${thrown.code}` : "pull_failed",
          message: `${
            damaged.has(each.pin) ? "it was damaged on this node's disk and is fetched again; " : ""
          }cannot pull image "${each.reference}": ${messageOf(thrown)}`,
        },
        retryAt: now + backoffMs(count, 2_000, stays ? DAMAGED_RETRY_MS : 300_000),
      });
    }
    running.delete(each.pin);
    deps.onChange();
    if (!stop.signal.aborted) begin();
  }

  function begin(): void {
    for (const each of wanted) {
      if (running.size >= AT_ONCE) return;
      const state = states.get(each.pin);
      const mayBegin = !running.has(each.pin) && !done.has(each.pin) &&
        (state === undefined || (state.kind === "failed" && state.retryAt <= clock.now()));
      if (mayBegin) running.set(each.pin, pull(each));
    }
  }

  return {
    configure(next) {
      wanted = next;
      const pins = new Set(next.map((each) => each.pin));
      for (const pin of done) if (!pins.has(pin)) done.delete(pin);
      for (const pin of states.keys()) {
        if (!pins.has(pin) && !running.has(pin)) states.delete(pin);
      }
      begin();
    },
    status: () => new Map(states),
    again() {
      failures.clear();
      for (const [pin, state] of states) {
        if (state.kind === "failed") states.set(pin, { ...state, retryAt: clock.now() });
      }
      begin();
    },
    async close() {
      stop.abort();
      wanted = [];
      await Promise.all(running.values());
    },
  };
}
