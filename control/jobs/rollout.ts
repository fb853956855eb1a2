/**
 * One step of a rollout: from what nodes reported to what is wanted next. Pure.
 *
 *     slot: rolling ─► done          new one runs and the old one is gone; a job completed
 *                   ├► rolled_back   new one given up, the old one serves on
 *                   └► failed        given up, and there is nothing to go back to
 *     What did not change is waited for last: it may follow what did.
 *     The first slot that fails ends the release: what has not finished goes back where it can.
 */
import type { ReleaseState } from "../../shared/api/release.ts";
import type { DeploymentId, ServiceId } from "../../shared/model/ids.ts";
import type { DeploymentReport } from "../../shared/model/report.ts";
import type { Reason } from "../../shared/model/verdict.ts";
import type { DeploymentRow, Want } from "../store/deployments.ts";
import type { RolloutSlotRow } from "../store/rollouts.ts";
import type { StoredRoute } from "../store/services.ts";

export interface RollingSlot {
  readonly row: RolloutSlotRow;
  readonly serviceName: string;
  readonly deployment: DeploymentRow;
  readonly old: DeploymentRow | null;
  readonly seen: DeploymentReport | null;
  readonly oldSeen: DeploymentReport | null;
}

export interface RolloutStep {
  readonly wants: readonly { readonly id: DeploymentId; readonly want: Want }[];
  readonly slots: readonly {
    readonly row: RolloutSlotRow;
    readonly state: ReleaseState;
    readonly reason: Reason | null;
  }[];
  /** Services whose routes go back to what they were. */
  readonly routes: readonly {
    readonly service: ServiceId;
    readonly routes: readonly StoredRoute[];
  }[];
  /** Null: it goes on. */
  readonly end: { readonly state: ReleaseState; readonly reason: Reason | null } | null;
}

type Standing =
  | { readonly kind: "rolling" }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: Reason };

function oldIsGone({ old, oldSeen }: RollingSlot): boolean {
  return old === null || old.goneAt !== null || oldSeen !== null &&
      (oldSeen.container === null || oldSeen.stage === "stopped");
}

function standingOf(slot: RollingSlot): Standing {
  const { deployment, seen } = slot;
  if (slot.row.change === "removed") {
    return deployment.goneAt === null ? { kind: "rolling" } : { kind: "done" };
  }
  if (seen === null) return { kind: "rolling" };
  switch (seen.stage) {
    case "failed":
    case "rolled_back":
      return {
        kind: "failed",
        reason: seen.reason ?? { code: "failed", message: "it did not come up" },
      };
    case "completed":
    case "scheduled":
      return { kind: "done" };
    case "stopped":
      // It ended by itself and is not to be started again (restart: on-failure, exit code 0).
      return seen.container === null ? { kind: "rolling" } : { kind: "done" };
    case "running":
      return deployment.kind === "service" && oldIsGone(slot)
        ? { kind: "done" }
        : { kind: "rolling" };
    case "pending":
    case "pulling":
    case "starting":
    case "healthy":
    case "dns_updating":
    case "traefik_updating":
    case "stopping_old":
    case "unknown":
      return { kind: "rolling" };
  }
}

/** A change of this release that is not carried out yet. */
function isOnItsWay(slot: RollingSlot): boolean {
  return slot.row.state === "rolling" && slot.row.change !== "unchanged" &&
    standingOf(slot).kind !== "done";
}

/** May the old one serve on? */
function canGoBack(slot: RollingSlot): boolean {
  return slot.deployment.kind === "service" && slot.old !== null && slot.old.goneAt === null &&
    slot.old.want === "retire";
}

/** @param slots all slots of a release that is rolling */
export function stepRollout(slots: readonly RollingSlot[]): RolloutStep {
  const wants: { id: DeploymentId; want: Want }[] = [];
  const updates: { row: RolloutSlotRow; state: ReleaseState; reason: Reason | null }[] = [];
  const routes = new Map<ServiceId, readonly StoredRoute[]>();
  const open: RollingSlot[] = [];
  const failures: { slot: RollingSlot; reason: Reason }[] = [];
  for (const slot of slots) {
    if (slot.row.state !== "rolling") continue;
    const standing = standingOf(slot);
    switch (standing.kind) {
      case "rolling":
        open.push(slot);
        break;
      case "done":
        if (slot.row.change === "unchanged" && slots.some(isOnItsWay)) {
          open.push(slot);
          break;
        }
        updates.push({ row: slot.row, state: "done", reason: null });
        if (slot.old !== null && slot.old.goneAt === null && slot.old.want !== "absent") {
          wants.push({ id: slot.old.id, want: "absent" });
        }
        break;
      case "failed":
        failures.push({ slot, reason: standing.reason });
    }
  }
  const [first] = failures;
  if (first === undefined) {
    const end = open.length === 0 ? { state: "done" as const, reason: null } : null;
    return { wants, slots: updates, routes: [], end };
  }
  const goBack = (slot: RollingSlot, reason: Reason) => {
    if (slot.old === null) return;
    wants.push({ id: slot.deployment.id, want: "absent" }, { id: slot.old.id, want: "run" });
    updates.push({ row: slot.row, state: "rolled_back", reason });
    routes.set(slot.row.serviceId, slot.row.routesBefore);
  };
  let wentBack = false;
  for (const { slot, reason } of failures) {
    if (canGoBack(slot)) {
      wentBack = true;
      goBack(slot, reason);
    } else updates.push({ row: slot.row, state: "failed", reason });
  }
  const because = {
    code: "release_failed",
    message: `service "${first.slot.serviceName}" failed: ${first.reason.message}`,
  };
  for (const slot of open) {
    if (canGoBack(slot)) {
      wentBack = true;
      goBack(slot, because);
    } else updates.push({ row: slot.row, state: "superseded", reason: because });
  }
  return {
    wants,
    slots: updates,
    routes: [...routes].map(([service, before]) => ({ service, routes: before })),
    end: { state: wentBack ? "rolled_back" : "failed", reason: because },
  };
}
