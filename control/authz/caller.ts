/** Who asks, and what they may. Deny by default. */
import type { Scope } from "../../shared/api/endpoint.ts";
import type { NodeId } from "../../shared/model/ids.ts";

export type Caller =
  /** Root on the box, by the unix socket (mode 0600). */
  | { readonly kind: "root"; readonly via: "socket" | "process" }
  /** A node: its key signed the request. */
  | { readonly kind: "node"; readonly node: NodeId }
  /** Whoever holds a key that signed the request and names itself by it: a node that joins. */
  | { readonly kind: "key"; readonly publicKey: string; readonly counter: bigint }
  | { readonly kind: "anonymous" };

/** Whom a transport can vouch for; nodes are known by their signatures alone. */
export type Vouched = Extract<Caller, { kind: "root" | "anonymous" }>;

const ROOT: ReadonlySet<Scope> = new Set([
  "read",
  "apply",
  "secrets",
  "volumes",
  "session",
]);
const NODE: ReadonlySet<Scope> = new Set(["agent"]);
/** Enrolment asks for a token of its own. */
const KEY: ReadonlySet<Scope> = new Set(["enroll"]);
/** What only signed requests may do. */
const SIGNED: ReadonlySet<Scope> = new Set(["agent", "enroll"]);

/** May this caller use operations of this scope? */
export function mayUse(caller: Caller, scope: Scope): boolean {
  switch (caller.kind) {
    case "root":
      return ROOT.has(scope);
    case "node":
      return NODE.has(scope);
    case "key":
      return KEY.has(scope);
    case "anonymous":
      return false;
  }
}

/** Is a signature what such a caller lacks? */
export function lacksSignature(caller: Caller, scope: Scope): boolean {
  return SIGNED.has(scope) && (caller.kind === "root" || caller.kind === "anonymous");
}

/** As it stands in the log of changes. */
export function nameOf(caller: Caller): string {
  switch (caller.kind) {
    case "root":
      return `root via ${caller.via}`;
    case "node":
      return `node ${caller.node}`;
    case "key":
      return `key ${caller.publicKey}`;
    case "anonymous":
      return "anonymous";
  }
}
