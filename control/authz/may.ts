/** What a caller may. Deny by default: what no line here allows is not allowed. Pure. */
import type { Scope } from "../../shared/api/endpoint.ts";
import { covers, holds, type Role } from "../../shared/model/role.ts";
import type { Caller } from "./caller.ts";

/** What an operation is about, once it is known. */
export type AuthzObject =
  | { readonly kind: "project"; readonly name: string }
  /** One that belongs to several projects: a right on one of them is enough. */
  | { readonly kind: "projects"; readonly names: readonly string[] }
  /** Whatever the caller has the role for. */
  | { readonly kind: "any" }
  | { readonly kind: "global" }
  | { readonly kind: "self" }
  | { readonly kind: "none" };

type PeopleScope = Exclude<Scope, "agent" | "enroll" | "self" | "self_change" | "login">;

/** The least role of each scope. */
export const LEAST_ROLE: Readonly<Record<PeopleScope, Role>> = {
  read: "viewer",
  logs: "viewer",
  apply: "operator",
  session: "operator",
  secrets: "operator",
  volumes: "operator",
  images: "operator",
  registries: "admin",
  accounts: "admin",
  settings: "admin",
};

/** May this caller do this to that? */
export function may(caller: Caller, scope: Scope, object: AuthzObject): boolean {
  switch (scope) {
    case "login":
      return object.kind === "none" && isPerson(caller);
    case "agent":
      return caller.kind === "node";
    case "enroll":
      // Enrolment asks for a token of its own.
      return caller.kind === "key";
    case "self":
      return object.kind === "self" && (caller.kind === "root" || caller.kind === "user");
    case "self_change":
      if (object.kind !== "self") return false;
      return caller.kind === "root" ||
        caller.kind === "user" && !(caller.by.kind === "token" && caller.by.limited);
    case "read":
    case "logs":
    case "apply":
    case "session":
    case "secrets":
    case "volumes":
    case "images":
    case "registries":
    case "accounts":
    case "settings":
      if (caller.kind === "root") return true;
      return caller.kind === "user" && granted(caller, LEAST_ROLE[scope], object);
  }
}

function granted(
  { grants }: Extract<Caller, { kind: "user" }>,
  least: Role,
  object: AuthzObject,
): boolean {
  switch (object.kind) {
    case "project":
      return holds(grants, least, object.name);
    case "projects":
      return holds(grants, least, null) || object.names.some((name) => holds(grants, least, name));
    case "any":
      return grants.some(({ role }) => covers(role, least));
    case "global":
      return holds(grants, least, null);
    case "self":
    case "none":
      return false;
  }
}

function isPerson({ kind }: Caller): boolean {
  return kind === "root" || kind === "user" || kind === "anonymous";
}

/** Is a signature what such a caller lacks? */
export function lacksSignature(caller: Caller, scope: Scope): boolean {
  return (scope === "agent" || scope === "enroll") && isPerson(caller);
}

/** Is a login what such a caller lacks? */
export function lacksLogin(caller: Caller, scope: Scope): boolean {
  return caller.kind === "anonymous" && !lacksSignature(caller, scope);
}

/** What a caller is shown in lists. */
export interface Sight {
  /** Also what belongs to no project. */
  readonly all: boolean;
  project(name: string): boolean;
}

/** Rows that this scope lets the caller see. */
export function sightOf(caller: Caller, scope: Scope): Sight {
  return {
    all: may(caller, scope, { kind: "global" }),
    project: (name) => may(caller, scope, { kind: "project", name }),
  };
}
