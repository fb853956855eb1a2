/** How far each slot of a release is. */
import { z } from "zod";
import { ReleaseState } from "../../shared/api/release.ts";
import { DeploymentId, ReleaseId, ServiceId } from "../../shared/model/ids.ts";
import { Reason } from "../../shared/model/verdict.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { jsonColumn } from "./column.ts";
import { StoredRoute } from "./services.ts";

export const RolloutSlotRow = z.object({
  releaseId: ReleaseId,
  serviceId: ServiceId,
  slot: z.number(),
  deploymentId: DeploymentId,
  oldId: DeploymentId.nullable(),
  change: z.enum(["created", "replaced", "unchanged", "removed"]),
  state: ReleaseState,
  routesBefore: jsonColumn(z.array(StoredRoute)),
  reason: jsonColumn(Reason).nullable(),
});
export type RolloutSlotRow = z.infer<typeof RolloutSlotRow>;

const COLUMNS = "release_id AS releaseId, service_id AS serviceId, slot, " +
  "deployment_id AS deploymentId, old_id AS oldId, change, state, " +
  "routes_before AS routesBefore, reason";

export interface Rollouts {
  /** Sorted by service and slot. */
  slots(release: ReleaseId): RolloutSlotRow[];
  add(slot: RolloutSlotRow): void;
  update(
    slot: Pick<RolloutSlotRow, "releaseId" | "serviceId" | "slot" | "state"> & {
      readonly reason: Reason | null;
    },
  ): void;
}

/** Rollouts of a database. */
export function createRollouts(database: Database): Rollouts {
  return {
    slots: (release) =>
      database.all(
        RolloutSlotRow,
        `SELECT ${COLUMNS} FROM rollout_slot WHERE release_id = ? ORDER BY service_id, slot`,
        release,
      ),
    add(slot) {
      database.run(
        "INSERT INTO rollout_slot (release_id, service_id, slot, deployment_id, old_id, change, " +
          "state, routes_before, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        slot.releaseId,
        slot.serviceId,
        slot.slot,
        slot.deploymentId,
        slot.oldId,
        slot.change,
        slot.state,
        JSON.stringify(slot.routesBefore),
        slot.reason === null ? null : JSON.stringify(slot.reason),
      );
    },
    update(slot) {
      database.run(
        "UPDATE rollout_slot SET state = ?, reason = ? " +
          "WHERE release_id = ? AND service_id = ? AND slot = ?",
        slot.state,
        slot.reason === null ? null : JSON.stringify(slot.reason),
        slot.releaseId,
        slot.serviceId,
        slot.slot,
      );
    },
  };
}
