/** Ends what is open (streams, terminals, held requests) when the right to it ends. */
import type { AccountId, SessionId, TokenId } from "../../shared/model/ids.ts";
import type { Caller } from "../authz/caller.ts";

type Key = AccountId | SessionId | TokenId;

export interface Revocations {
  /** Aborts when the caller's account, session or token changes; null: nobody's rights change. */
  signalFor(caller: Caller): AbortSignal | null;
  /** Of an account all is open anew; of a session or token that alone. */
  end(...keys: readonly Key[]): void;
}

/** Nothing is open yet. */
export function createRevocations(): Revocations {
  const open = new Map<Key, AbortController>();
  const controllerOf = (key: Key) => {
    const known = open.get(key);
    if (known !== undefined) return known;
    const made = new AbortController();
    open.set(key, made);
    return made;
  };
  return {
    signalFor(caller) {
      if (caller.kind !== "user") return null;
      return AbortSignal.any([
        controllerOf(caller.account).signal,
        controllerOf(caller.by.id).signal,
      ]);
    },
    end(...keys) {
      for (const key of keys) {
        open.get(key)?.abort();
        open.delete(key);
      }
    },
  };
}
