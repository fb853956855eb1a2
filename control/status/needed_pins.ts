/** Who needs which image: read for pruning and for what nodes are told to keep. */
import type { ProjectId } from "../../shared/model/ids.ts";
import type { Context } from "../context.ts";
import type { NeededPin } from "../decide/kept_images.ts";
import { neverLetGo } from "../decide/kept_releases.ts";
import type { PinRow } from "../store/services.ts";

/** The pins of a project's current, previous and last-good releases, with their services' names. */
export function releasePins(
  { store }: Pick<Context, "store">,
  project: ProjectId,
): (PinRow & { readonly serviceName: string })[] {
  const kept = neverLetGo(store.projects.releases(project));
  return [...kept].flatMap((release) => store.services.pinsOfRelease(release));
}

/** The pins of all that runs, and of the releases that are never let go. */
export function neededPins(context: Pick<Context, "store">): NeededPin[] {
  const { store } = context;
  const projects = store.projects.list();
  const names = new Map(projects.map((each) => [each.id, each.name]));
  const running = store.deployments.live().flatMap((deployment): NeededPin[] => {
    if (deployment.want === "absent") return [];
    const revision = store.services.revision(deployment.revisionId);
    const pin = revision === null ? null : store.services.pin(revision.pinId);
    if (pin === null) return [];
    const service = store.services.get(deployment.serviceId)?.name ?? deployment.serviceId;
    const project = names.get(deployment.projectId) ?? deployment.projectId;
    return [{ pin, user: `${project}/${service}`, when: "running" }];
  });
  const kept = projects.flatMap((project) =>
    releasePins(context, project.id).map(({ serviceName, ...pin }): NeededPin => ({
      pin,
      user: `${project.name}/${serviceName}`,
      when: "previous",
    }))
  );
  return [...running, ...kept];
}
