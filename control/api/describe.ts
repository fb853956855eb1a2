/** Everything about one service. */
import type { ServiceDescription } from "../../shared/api/views.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Context } from "../context.ts";
import { describeSpec } from "../decide/differences.ts";
import { containerView, routeViews, serviceViews, shownDeployments, volumeViews } from "./views.ts";

/** The error of a service that is not there. */
export function noService(project: string, service: string): SkerryError {
  return new SkerryError(
    "not_found",
    `project "${project}" has no service "${service}"`,
    "`skerry get services` lists those that there are.",
  );
}

/** What is wanted, what is, and why these differ. */
export function describeService(
  context: Context,
  project: string,
  name: string,
): ServiceDescription {
  const { store } = context;
  const service = serviceViews(context, project).find((each) => each.name === name);
  const shown = shownDeployments(context, project).filter((each) => each.service.name === name);
  const leading = shown.find((each) => each.row.want === "run") ?? shown[0];
  if (service === undefined || leading === undefined) throw noService(project, name);
  const volumes = new Map(store.volumes.list().map((each) => [String(each.id), each.name]));
  const wanted = describeSpec({
    spec: leading.revision.spec,
    pin: leading.pin ?? undefined,
    environment: {},
  }, (id) => volumes.get(id) ?? id);
  const subjects = new Set<string>(shown.map((each) => each.row.id));
  const verdicts = store.nodes.list().flatMap((node) =>
    store.observed.node(node.id)?.report.verdicts ?? []
  );
  const changes = store.changes.list({ project, limit: 200 })
    .filter((each) =>
      each.summary.split(", ").some((part) => part.startsWith(`${name} `)) ||
      each.summary.includes(`"${name}"`)
    ).slice(0, 10);
  return {
    service,
    release: leading.row.releaseId,
    wanted: [...wanted].map(([field, value]) => ({ field, value })),
    slots: shown.map((each) => containerView(context, each)),
    why: verdicts.filter((each) => each.kind !== "converged" && subjects.has(each.subject)),
    routes: routeViews(context, project).filter((each) => each.service === name),
    volumes: volumeViews(context, project).filter((each) =>
      each.services.some((user) => user === name)
    ),
    changes,
  };
}
