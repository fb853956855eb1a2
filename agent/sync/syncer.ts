/**
 * Keeps the node's intent up to date: long-poll, verify, fetch the blobs that lack, make it the
 * last-good, hand it on. Without a control plane it waits and the last-good goes on.
 */
import type { Clock } from "../../shared/clock.ts";
import { isNoSpace } from "../../shared/disk_space.ts";
import { DISK_FULL } from "../../shared/disk_text.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { KeyId, NodeId } from "../../shared/model/ids.ts";
import type { Epoch, Manifest, SignedManifest } from "../../shared/model/manifest.ts";
import { openManifest } from "../../shared/signing/ed25519.ts";
import { backoffMs } from "../reconcile/backoff.ts";
import type { BlobStore } from "./blob_store.ts";
import type { ControlClient } from "./control_client.ts";
import type { LastGood, LastGoodStore } from "./last_good.ts";

/** The answer is held this long while nothing is new (network.md's budget: rarely on metered links). */
const WAIT_SECONDS = 600;
const BLOBS_AT_ONCE = 4;
/** The control plane's word for a node that it never heard of, or has forgotten with its database. */
const UNKNOWN_KEY = "unknown_key";

export interface SyncDeps {
  readonly client: ControlClient;
  readonly store: LastGoodStore;
  readonly blobs: BlobStore;
  readonly keys: ReadonlyMap<KeyId, Uint8Array>;
  readonly node: NodeId;
  /** The longest pause between two tries. */
  readonly retryCapMs: number;
  readonly clock: Clock;
  readonly log: Log;
  onIntent(lastGood: LastGood): void;
  /** Why the newest intent is not taken over; null: it is. */
  onProblem(problem: { readonly code: string; readonly message: string } | null): void;
}

/** Does `next` come after what the node holds? */
export function mayFollow(
  held: { readonly epoch: Epoch; readonly revision: number } | null,
  next: { readonly epoch: Epoch; readonly revision: number },
): boolean {
  if (held === null || next.epoch.n > held.epoch.n) return true;
  return next.epoch.n === held.epoch.n && next.epoch.id === held.epoch.id &&
    next.revision >= held.revision;
}

/** Why a sync ended: it was told to, or the control plane does not know this node. */
export type SyncEnd = "aborted" | "unknown_here";

/** Runs until the signal aborts, or until the control plane says that it does not know the node. */
export async function runSync(
  deps: SyncDeps,
  start: Manifest | null,
  signal: AbortSignal,
): Promise<SyncEnd> {
  let held = start;
  let etag: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      // After an outage an answer is wanted at once: it says that the outage is over.
      const waitSeconds = etag === null || failures > 0 ? 0 : WAIT_SECONDS;
      const state = await deps.client.expectedState(etag, waitSeconds, signal);
      failures = 0;
      if (state.kind === "unchanged") {
        deps.onProblem(null);
        continue;
      }
      const taken = await take(deps, held, state.signed, signal);
      held = taken.manifest;
      etag = state.etag;
      deps.onProblem(null);
      deps.onIntent(taken);
    } catch (thrown) {
      if (signal.aborted) return "aborted";
      failures += 1;
      const code = problemCode(thrown);
      const before = code === DISK_FULL ? "the disk is full, so the intent before holds on: " : "";
      deps.onProblem({ code, message: before + messageOf(thrown) });
      deps.log.warn("the newest intent is not taken over", { code, reason: messageOf(thrown) });
      await deps.clock.sleep(backoffMs(failures, 1_000, deps.retryCapMs), signal);
      if (code === UNKNOWN_KEY) return "unknown_here";
    }
  }
  return "aborted";
}

function problemCode(thrown: unknown): string {
  if (isNoSpace(thrown)) return DISK_FULL;
  return thrown instanceof SkerryError ? thrown.code : "control_unreachable";
}

async function take(
  deps: SyncDeps,
  held: Manifest | null,
  signed: SignedManifest,
  signal: AbortSignal,
): Promise<LastGood> {
  const manifest = openManifest(signed, deps.keys);
  if (manifest.node !== deps.node) {
    throw new SkerryError("wrong_node", `the manifest is for node "${manifest.node}"`);
  }
  if (!mayFollow(held, manifest)) {
    throw new SkerryError(
      "epoch_behind",
      `the control plane speaks of epoch ${manifest.epoch.n}, revision ${manifest.revision}; ` +
        `this node already holds epoch ${held?.epoch.n}, revision ${held?.revision}`,
      "what runs goes on; a control plane that lost its database leads again once projects are " +
        "applied to it anew: all of them, since it ends what it does not know",
    );
  }
  const wanted = [...manifest.sections, ...manifest.files].map(({ sha256 }) => sha256);
  await fetchMissing(deps, [...new Set(wanted)], signal);
  const opened = await deps.store.open(signed);
  await deps.store.save(signed);
  return opened;
}

async function fetchMissing(
  deps: SyncDeps,
  wanted: readonly Manifest["files"][number]["sha256"][],
  signal: AbortSignal,
): Promise<void> {
  const queue = [...wanted];
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      if (await deps.blobs.read(name) !== null) continue;
      await deps.blobs.put(name, await deps.client.blob(name, signal));
    }
  };
  await Promise.all(Array.from({ length: BLOBS_AT_ONCE }, worker));
}
