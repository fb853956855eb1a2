/** Who looks: what pages may know of a caller. */
import { holds } from "../../shared/model/role.ts";
import type { Viewer } from "../../ui/viewer.ts";
import { type Caller, nameOf } from "../authz/caller.ts";

/** Somebody who may see pages; null: they must log in. */
export function viewerOf(caller: Caller): Viewer | null {
  switch (caller.kind) {
    case "root":
      return { name: nameOf(caller), session: false, may: () => true };
    case "user":
      return {
        name: caller.name,
        session: caller.by.kind === "session",
        may: (role, project) => holds(caller.grants, role, project),
      };
    case "node":
    case "key":
    case "anonymous":
      return null;
  }
}

/** For the pages of those who are not logged in. */
export const STRANGER: Viewer = { name: null, session: false, may: () => false };

/** Callers with the same of it see the same pages: one account with the same rights. */
export function rightsKey(caller: Caller): string {
  switch (caller.kind) {
    case "root":
      return "root";
    case "user":
      return JSON.stringify([caller.account, caller.grants]);
    case "node":
    case "key":
    case "anonymous":
      return "nobody";
  }
}
