/**
 * The node as its control plane's: it joins by a one-time token, keeps its identity, signs what it
 * sends, and follows what is wanted of it from last-good on.
 */
import type { Transport } from "../shared/api/client.ts";
import type { Clock } from "../shared/clock.ts";
import type { Log } from "../shared/log.ts";
import type { Reason } from "../shared/model/verdict.ts";
import { createSigner } from "../shared/signing/ed25519.ts";
import type { DiskLoop } from "./loops/disk/loop.ts";
import { roomyCounter, roomyLastGood } from "./roomy.ts";
import type { AgentSettings } from "./settings.ts";
import type { BlobStore } from "./sync/blob_store.ts";
import { type ControlClient, createControlClient } from "./sync/control_client.ts";
import { openCounter } from "./sync/counter.ts";
import { join as joinControlPlane } from "./sync/enrol.ts";
import { type Identity, loadIdentity, trustedKeys } from "./sync/identity.ts";
import { createLastGoodStore, type LastGood } from "./sync/last_good.ts";
import type { NodeKeys } from "./sync/node_keys.ts";
import { signedTransport } from "./sync/signed_transport.ts";
import { runSync, type SyncEnd } from "./sync/syncer.ts";

export interface MembershipDeps {
  readonly settings: AgentSettings;
  readonly keys: NodeKeys;
  readonly transport: Transport;
  /** A one-time token to join with; null: none can be had, the node waits for one. */
  enrolToken(): Promise<string | null>;
  readonly blobs: BlobStore;
  readonly disk: Pick<DiskLoop, "guarded">;
  onIntent(lastGood: LastGood): void;
  /** Nothing is known from before, so nothing can be carried out yet. */
  onNothingKnown(): void;
  /** What keeps intent from coming; null: nothing any more. */
  onProblem(problem: Reason | null): void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Membership {
  /** null: it has not joined. */
  identity(): Identity | null;
  /** The control plane, asked in the node's name; by its key alone before it has joined. */
  client(): ControlClient;
  /** Joins where it has to, then keeps intent up to date until the signal aborts. */
  keep(signal: AbortSignal): Promise<void>;
}

export async function createMembership(deps: MembershipDeps): Promise<Membership> {
  const { settings, keys, blobs, disk, clock, log } = deps;
  const { layout } = settings;
  const sign = createSigner(keys.signSeed);
  const counter = roomyCounter(await openCounter(layout.agentKeys, clock.now()), disk);
  let identity = await loadIdentity(layout.agentKeys);

  const client = () => {
    const signer = { keyId: identity?.nodeKey ?? keys.public.sign, sign };
    return createControlClient(signedTransport({ send: deps.transport, signer, counter, clock }));
  };

  async function follow(signal: AbortSignal): Promise<SyncEnd> {
    if (identity === null) deps.onNothingKnown();
    identity ??= await joinControlPlane({
      client: client(),
      folder: layout.agentKeys,
      keys,
      name: settings.name,
      version: settings.version,
      token: deps.enrolToken,
      retryCapMs: settings.retryCapMs,
      clock,
      log,
    }, signal);
    if (identity === null) return "aborted";
    const trusted = trustedKeys(identity);
    const store = roomyLastGood(
      await createLastGoodStore({ folder: layout.lastGood, blobs, keys: trusted }),
      disk,
    );
    const { lastGood, problems } = await store.load();
    for (const problem of problems) log.error("last-good is damaged", { problem });
    if (lastGood !== null) deps.onIntent(lastGood);
    else deps.onNothingKnown();
    return await runSync(
      {
        client: client(),
        store,
        blobs,
        keys: trusted,
        node: identity.node,
        retryCapMs: settings.retryCapMs,
        clock,
        log,
        onIntent: deps.onIntent,
        onProblem: deps.onProblem,
      },
      lastGood?.manifest ?? null,
      signal,
    );
  }

  return {
    identity: () => identity,
    client,
    async keep(signal) {
      // A control plane that lost its database is joined again, where it lets the node in.
      while (await follow(signal) === "unknown_here") {
        if (await deps.enrolToken() !== null) identity = null;
      }
    },
  };
}
