/** Removing volumes: only by an explicit command, never while a service uses them. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { SkerryError } from "../../shared/errors.ts";
import { publishAll } from "../desired/publish.ts";
import { removeVolumeData, sharersOf } from "../status/purge.ts";
import { answerNothing, route } from "./route.ts";

export const volumeRoutes = {
  deleteVolume: route(ENDPOINTS.deleteVolume, async (context, { params, by }) => {
    const { store, clock } = context;
    const { volume, nodes } = store.transaction(() => {
      const project = store.projects.byName(params.name);
      const found = store.volumes.list().find((each) =>
        each.projectId === project?.id &&
        (each.name === params.volume || each.engineName === params.volume)
      );
      if (found === undefined) {
        throw new SkerryError(
          "not_found",
          `project "${params.name}" has no volume "${params.volume}"`,
          "`skerry volume list` lists those that there are.",
        );
      }
      const users = store.deployments.live().filter((each) =>
        store.services.revision(each.revisionId)?.spec.mounts.some((mount) =>
          mount.kind === "volume" && mount.volume === found.id
        )
      ).map((each) => store.services.get(each.serviceId)?.name ?? each.serviceId);
      if (users.length > 0) {
        throw new SkerryError(
          "volume_in_use",
          `the volume "${found.name}" is used by ${[...new Set(users)].sort().join(", ")}`,
          "Delete the project, or take the volume out of its services and apply; then remove it.",
        );
      }
      const [sharer] = sharersOf(found, store.volumes.list());
      if (sharer !== undefined) {
        const other = store.projects.list().find((each) => each.id === sharer.projectId);
        throw new SkerryError(
          "volume_in_use",
          `the volume "${found.name}" is also "${sharer.name}" of project "${other?.name}"`,
          `Purge project "${params.name}" to forget it there; its data stays with the other.`,
        );
      }
      store.volumes.remove(found.id, clock.now());
      store.changes.add({
        at: clock.now(),
        who: by,
        action: "volume.remove",
        project: params.name,
        subject: found.name,
        summary: "removed with its data",
      });
      return { volume: found, nodes: publishAll(context) };
    });
    for (const node of nodes) context.intentBell.ring(node);
    await removeVolumeData(context, volume);
    return answerNothing();
  }),
};
