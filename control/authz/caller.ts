/** Who asks. */
import type { AccountId, NodeId, SessionId, TokenId } from "../../shared/model/ids.ts";
import type { Grant } from "../../shared/model/role.ts";

export type Caller =
  /** Root on the box, by the unix socket (mode 0600). */
  | { readonly kind: "root"; readonly via: "socket" | "process" }
  /** Somebody who logged in. */
  | {
    readonly kind: "user";
    readonly account: AccountId;
    readonly name: string;
    readonly by:
      | { readonly kind: "session"; readonly id: SessionId }
      /** `limited`: it was made with less than its account has. */
      | { readonly kind: "token"; readonly id: TokenId; readonly limited: boolean };
    /** As they are at this request; of a token those of its account that it has too. */
    readonly grants: readonly Grant[];
    readonly address: string | null;
  }
  /** A node: its key signed the request. */
  | { readonly kind: "node"; readonly node: NodeId }
  /** Whoever holds a key that signed the request and names itself by it: a node that joins. */
  | { readonly kind: "key"; readonly publicKey: string; readonly counter: bigint }
  | {
    readonly kind: "anonymous";
    /** Where the request came from; null: from within the process. */
    readonly address: string | null;
    /** It came over TLS. */
    readonly secure: boolean;
  };

/** Whom a transport can vouch for; all others are known by what their requests bear. */
export type Vouched = Extract<Caller, { kind: "root" | "anonymous" }>;

/** Requests within the process that nobody vouches for: those of this home's own agent. */
export const NOBODY: Vouched = { kind: "anonymous", address: null, secure: false };

/** As it stands in the log of changes. */
export function nameOf(caller: Caller): string {
  switch (caller.kind) {
    case "root":
      return `root via ${caller.via}`;
    case "user":
      return caller.by.kind === "token" ? `${caller.name} by token` : caller.name;
    case "node":
      return `node ${caller.node}`;
    case "key":
      return `key ${caller.publicKey}`;
    case "anonymous":
      return "anonymous";
  }
}
