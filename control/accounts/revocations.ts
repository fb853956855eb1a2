/**
 * Ends what is open (streams, terminals, held requests) when the right to it ends. One signal for
 * each session and token, and no `AbortSignal.any`: in Deno 2.9 each of these stays for as long as
 * its sources.
 */
import type { AccountId, SessionId, TokenId } from "../../shared/model/ids.ts";
import type { Caller } from "../authz/caller.ts";

export type Bearer = SessionId | TokenId;

export interface Revocations {
  /** Aborts when the caller's account, session or token changes, and with all; null: nobody's rights change. */
  signalFor(caller: Caller): AbortSignal | null;
  /** Of an account all is begun anew; of a session or token that alone. */
  end(...keys: readonly (AccountId | Bearer)[]): void;
  /** Of what something may be open. */
  bearers(): readonly Bearer[];
  /** Everybody's, for good. */
  endAll(): void;
}

interface Open {
  readonly account: AccountId;
  readonly controller: AbortController;
}

/** Nothing is open yet. */
export function createRevocations(): Revocations {
  const open = new Map<Bearer, Open>();
  let closed = false;
  return {
    signalFor(caller) {
      if (caller.kind !== "user") return null;
      if (closed) return AbortSignal.abort();
      const known = open.get(caller.by.id);
      if (known !== undefined) return known.controller.signal;
      const controller = new AbortController();
      open.set(caller.by.id, { account: caller.account, controller });
      return controller.signal;
    },
    end(...keys) {
      const ended = new Set<string>(keys);
      for (const [bearer, { account, controller }] of [...open]) {
        if (!ended.has(bearer) && !ended.has(account)) continue;
        open.delete(bearer);
        controller.abort();
      }
    },
    bearers: () => [...open.keys()],
    endAll() {
      closed = true;
      for (const { controller } of open.values()) controller.abort();
      open.clear();
    },
  };
}
