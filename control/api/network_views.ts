/** Networks and releases as they are listed. */
import type { NetworkView, ReleaseLine } from "../../shared/api/views.ts";
import type { Context } from "../context.ts";
import type { ReleaseRow } from "../store/projects.ts";
import { type Shown, shownDeployments } from "./views.ts";

/** So many releases are listed. */
const MAX_RELEASES = 200;

/** Who is on a network: all that is not to go. */
export function membersOf(shown: readonly Shown[], key: string): Shown[] {
  return shown.filter(({ row, revision }) =>
    row.want !== "absent" && revision.spec.networks.some(({ network }) => network === key)
  );
}

/** Networks of projects' files and those that containers are on, sorted by key. */
export function networkViews(context: Context, project?: string): NetworkView[] {
  const { store } = context;
  const projects = new Map(store.projects.list().map((each) => [each.id, each.name]));
  const shown = shownDeployments(context);
  const byKey = new Map<string, NetworkView>();
  for (const row of store.services.networks()) {
    const owner = projects.get(row.projectId);
    if (owner === undefined) continue;
    const known = byKey.get(row.key);
    const services = membersOf(shown, row.key).map((each) =>
      `${each.project.name}/${each.service.name}`
    );
    byKey.set(row.key, {
      key: row.key,
      name: row.name,
      projects: [...new Set([...known?.projects ?? [], owner])].sort(),
      internal: row.internal || known?.internal === true,
      services: [...new Set(services)].sort(),
    });
  }
  return [...byKey.values()]
    .filter(({ projects }) => project === undefined || projects.some((name) => name === project))
    .sort((a, b) => a.key < b.key ? -1 : 1);
}

/** A release in one line. */
export function releaseLine(context: Context, release: ReleaseRow): ReleaseLine {
  return {
    id: release.id,
    project: context.store.projects.get(release.projectId)?.name ?? release.projectId,
    number: release.number,
    at: release.createdAt,
    by: release.createdBy,
    deletes: release.composePart === null,
    state: release.state,
    reason: release.reason,
  };
}

/** The newest releases, of one project or of all. */
export function releaseLines(
  context: Context,
  project?: string,
  limit = MAX_RELEASES,
): ReleaseLine[] {
  const { projects } = context.store;
  const owner = project === undefined ? undefined : projects.byName(project);
  if (owner === null) return [];
  return projects.history(limit, owner?.id).map((each) => releaseLine(context, each));
}
