/** Joins the node to a control plane, once, by a one-time token. */
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { backoffMs } from "../reconcile/backoff.ts";
import type { ControlClient } from "./control_client.ts";
import { FEATURES } from "./desired.ts";
import { type Identity, saveIdentity } from "./identity.ts";
import type { NodeKeys } from "./node_keys.ts";

export interface EnrolDeps {
  readonly client: ControlClient;
  /** Where the identity is kept. */
  readonly folder: string;
  readonly keys: NodeKeys;
  readonly name: string;
  readonly version: string;
  token(): Promise<string | null>;
  /** The longest pause between two tries. */
  readonly retryCapMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tries until it has joined; null: the signal aborted before that. */
export async function join(deps: EnrolDeps, signal: AbortSignal): Promise<Identity | null> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const token = await deps.token();
      if (token !== null) {
        const answer = await deps.client.enroll({
          token,
          name: deps.name,
          keys: deps.keys.public,
          agent: { version: deps.version, features: [...FEATURES] },
          addresses: [],
        }, signal);
        return await saveIdentity(deps.folder, answer);
      }
    } catch (thrown) {
      if (signal.aborted) return null;
      deps.log.warn("the node could not join its control plane", { reason: messageOf(thrown) });
    }
    await deps.clock.sleep(backoffMs(failures + 1, 1_000, deps.retryCapMs), signal);
  }
  return null;
}
