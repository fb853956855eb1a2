/** Takes away what a purged project leaves behind, once its containers are gone. */
import { messageOf } from "../../shared/errors.ts";
import type { Context } from "../context.ts";
import { EXTERNAL_LABEL } from "../decide/mounts.ts";
import { publishAll } from "../desired/publish.ts";
import type { VolumeRow } from "../store/volumes.ts";

/** Removes a volume's data on its node; what fails is logged, the volume is forgotten either way. */
export async function removeVolumeData(context: Context, volume: VolumeRow): Promise<void> {
  const link = context.links(volume.nodeId);
  try {
    if (link === null) throw new Error("the node is not connected");
    await link.removeVolume(volume.engineName, context.closing);
  } catch (thrown) {
    context.log.warn("a volume's data was not removed", {
      volume: volume.engineName,
      why: messageOf(thrown),
    });
  }
}

/** Other rows of the same data: volumes with a name of their own may be of several projects. */
export function sharersOf(volume: VolumeRow, all: readonly VolumeRow[]): VolumeRow[] {
  return all.filter((each) =>
    each.engineName === volume.engineName && each.nodeId === volume.nodeId &&
    each.projectId !== volume.projectId
  );
}

/** Ends the purge of projects whose containers are gone. */
export function finishPurge(context: Context): void {
  const { store, clock } = context;
  const done = store.transaction(() => {
    const live = store.deployments.live();
    const purged = store.projects.list().filter((project) =>
      project.purging && !live.some((each) => each.projectId === project.id)
    );
    if (purged.length === 0) return null;
    const volumes = store.volumes.list().filter((volume) =>
      purged.some((project) => project.id === volume.projectId)
    );
    for (const volume of volumes) store.volumes.remove(volume.id, clock.now());
    for (const secret of store.secrets.newest()) {
      const owner = purged.find((project) => project.id === secret.projectId);
      if (owner !== undefined) store.secrets.remove(owner.id, secret.name);
    }
    for (const project of purged) store.projects.setPurging(project.id, false);
    const kept = store.volumes.list();
    const own = volumes.filter((each) =>
      each.labels[EXTERNAL_LABEL] === undefined && sharersOf(each, kept).length === 0
    );
    return { volumes: own, nodes: publishAll(context) };
  });
  if (done === null) return;
  for (const node of done.nodes) context.intentBell.ring(node);
  for (const volume of done.volumes) removeVolumeData(context, volume);
}
