/** Who may release what reaches beyond its project. */
import type { Warning } from "../../shared/api/release.ts";
import { SkerryError } from "../../shared/errors.ts";
import { holds } from "../../shared/model/role.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import { type Reach, sessionReach } from "../decide/reach.ts";
import { type Caller, nameOf } from "./caller.ts";
import { may } from "./may.ts";

const REMEDY = "Leave it out, or let an administrator of everything apply this.";

/** Root, and administrators of everything. */
export function mayReachHost(caller: Caller): boolean {
  return caller.kind === "root" ||
    caller.kind === "user" && holds(caller.grants, "admin", null);
}

/** Why this caller may not release it; null: they may. */
export function reachRefusal(caller: Caller, reach: Reach): string | null {
  if (mayReachHost(caller)) return null;
  if (reach.host.length > 0) {
    return `${nameOf(caller)} may not release what reaches the host: ${reach.host.join("; ")}`;
  }
  const foreign = reach.projects.filter((name) => !may(caller, "apply", { kind: "project", name }));
  if (foreign.length === 0) return null;
  // Not by name: who may not see a project is not told that it is there.
  return `${
    nameOf(caller)
  } may not release what takes part in volumes or networks of other projects`;
}

/** Error `forbidden`. */
export function checkReach(caller: Caller, reach: Reach): void {
  const refusal = reachRefusal(caller, reach);
  if (refusal !== null) throw new SkerryError("forbidden", refusal, REMEDY);
}

/** Error `forbidden`: a shell in such a container is as good as one on the host. */
export function checkSession(caller: Caller, service: string, spec: ServiceSpec | undefined): void {
  const reach = spec === undefined ? [] : sessionReach(service, spec);
  if (reach.length === 0 || mayReachHost(caller)) return;
  throw new SkerryError(
    "forbidden",
    `${nameOf(caller)} may not run commands there: ${reach.join("; ")}`,
    "Let an administrator of everything do this.",
  );
}

/** Error `forbidden`: an image that is given another one's name would run in its place. */
export function checkNaming(caller: Caller): void {
  if (may(caller, "images", { kind: "global" })) return;
  throw new SkerryError(
    "forbidden",
    `${nameOf(caller)} may not give a built image further names: other projects may run these`,
    "Leave `build.tags` out, or let an operator of everything build it.",
  );
}

/** Beside a plan: that its release would be refused. */
export function reachWarnings(caller: Caller, reach: Reach): Warning[] {
  const refusal = reachRefusal(caller, reach);
  return refusal === null ? [] : [{ code: "needs_admin", message: refusal, remedy: REMEDY }];
}
