/** How far a release is. */
import type { ReleaseView, SlotProgress } from "../../shared/api/release.ts";
import type { Context } from "../context.ts";
import type { ReleaseRow } from "../store/projects.ts";

/** The whole state of a release. */
export function releaseView(context: Context, release: ReleaseRow): ReleaseView {
  const { store } = context;
  const services = new Map(store.services.list(release.projectId).map((each) => [each.id, each]));
  const slots = store.rollouts.slots(release.id).flatMap((slot): SlotProgress[] => {
    const service = services.get(slot.serviceId);
    const deployment = store.deployments.get(slot.deploymentId);
    if (service === undefined || deployment === null) return [];
    const seen = store.observed.deployment(slot.deploymentId);
    const failed = slot.state === "failed" || slot.state === "rolled_back";
    const removed = slot.change === "removed" && deployment.goneAt !== null;
    return [{
      service: service.name,
      slot: slot.slot,
      kind: deployment.kind,
      deployment: deployment.id,
      change: slot.change,
      stage: slot.state === "rolled_back"
        ? "rolled_back"
        : slot.state === "failed"
        ? "failed"
        : removed
        ? "stopped"
        : seen?.stage ?? "pending",
      health: seen?.health ?? "none",
      reason: failed ? slot.reason : slot.reason ?? seen?.reason ?? null,
      pull: seen?.pull ?? null,
      done: slot.state === "done",
    }];
  });
  return {
    id: release.id,
    project: store.projects.get(release.projectId)?.name ?? release.projectId,
    parent: release.parentId,
    at: release.createdAt,
    by: release.createdBy,
    deletes: release.composePart === null,
    state: release.state,
    reason: release.reason,
    slots: slots.sort((a, b) =>
      a.service < b.service ? -1 : a.service > b.service ? 1 : a.slot - b.slot
    ),
    warnings: release.warnings,
  };
}
