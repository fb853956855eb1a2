/** Who asks, and what they may. Deny by default. */
import type { Scope } from "../../shared/api/endpoint.ts";
import type { NodeId } from "../../shared/model/ids.ts";

export type Caller =
  /** Root on the box, by the unix socket (mode 0600). */
  | { readonly kind: "root"; readonly via: "socket" | "process" }
  /** A node: the agent in this process, or one whose key signed the request. */
  | { readonly kind: "node"; readonly node: NodeId }
  | { readonly kind: "anonymous" };

const ROOT: ReadonlySet<Scope> = new Set([
  "read",
  "apply",
  "secrets",
  "volumes",
  "session",
  "enroll",
]);
const NODE: ReadonlySet<Scope> = new Set(["agent", "enroll"]);
/** Enrolment asks for a token of its own. */
const ANONYMOUS: ReadonlySet<Scope> = new Set(["enroll"]);

/** May this caller use operations of this scope? */
export function mayUse(caller: Caller, scope: Scope): boolean {
  switch (caller.kind) {
    case "root":
      return ROOT.has(scope);
    case "node":
      return NODE.has(scope);
    case "anonymous":
      return ANONYMOUS.has(scope);
  }
}

/** As it stands in the log of changes. */
export function nameOf(caller: Caller): string {
  switch (caller.kind) {
    case "root":
      return `root via ${caller.via}`;
    case "node":
      return `node ${caller.node}`;
    case "anonymous":
      return "anonymous";
  }
}
