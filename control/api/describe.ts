/** Everything about one thing: what is wanted, what is, and why these differ. */
import type {
  ContainerDescription,
  NetworkDescription,
  NodeDescription,
  ProjectDescription,
  RouteDescription,
  ServiceDescription,
  VolumeDescription,
} from "../../shared/api/descriptions.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { ReportedVerdict } from "../../shared/model/verdict.ts";
import type { Sight } from "../authz/may.ts";
import type { Context } from "../context.ts";
import { describeSpec } from "../decide/differences.ts";
import { networksAsSeen, nodeAsSeen } from "./as_seen.ts";
import { jobViews } from "./job_views.ts";
import { membersOf, networkViews, releaseLines } from "./network_views.ts";
import { noService } from "./no_service.ts";
import { answerJson, route } from "./route.ts";
import {
  containerView,
  nodeViews,
  projectViews,
  routeViews,
  serviceViews,
  type Shown,
  shownDeployments,
  volumeViews,
} from "./views.ts";

/** So many lines of the history of one thing. */
const HISTORY = 10;

function notFound(what: string, list: string): SkerryError {
  return new SkerryError("not_found", what, `\`skerry get ${list}\` lists those that there are.`);
}

/** What nodes say and is not converged, about some things or all. */
function verdicts(context: Context, subjects?: ReadonlySet<string>): ReportedVerdict[] {
  return context.store.nodes.list().flatMap((node) =>
    context.store.observed.node(node.id)?.report.verdicts ?? []
  ).filter((each) =>
    each.kind !== "converged" && (subjects === undefined || subjects.has(each.subject))
  );
}

function about(context: Context, shown: readonly Shown[]): ReportedVerdict[] {
  return verdicts(context, new Set(shown.map((each) => each.row.id)));
}

/** About the node's own parts, where any project may be named. */
function ofNode(context: Context, parts: readonly string[], sight: Sight): ReportedVerdict[] {
  return sight.all ? verdicts(context, new Set(parts)) : [];
}

function wantedFields(context: Context, { revision, pin }: Shown) {
  const volumes = new Map(context.store.volumes.list().map((each) => [String(each.id), each.name]));
  const side = { spec: revision.spec, pin: pin ?? undefined, environment: {} };
  return [...describeSpec(side, (id) => volumes.get(id) ?? id)]
    .map(([field, value]) => ({ field, value }));
}

function describeService(
  context: Context,
  project: string,
  name: string,
  reachedAt: string,
): ServiceDescription {
  const service = serviceViews(context, reachedAt, project).find((each) => each.name === name);
  const shown = shownDeployments(context, project).filter((each) => each.service.name === name);
  const leading = shown.find((each) => each.row.want === "run") ?? shown[0];
  if (service === undefined || leading === undefined) throw noService(project, name);
  const changes = context.store.changes.list({ project, limit: 200 })
    .filter((each) =>
      each.summary.split(", ").some((part) => part.startsWith(`${name} `)) ||
      each.summary.includes(`"${name}"`)
    ).slice(0, HISTORY);
  const job = jobViews(context, project).find((each) => each.name === name);
  return {
    service,
    release: leading.row.releaseId,
    wanted: wantedFields(context, leading),
    slots: shown.map((each) => containerView(each)),
    why: about(context, shown),
    routes: routeViews(context, reachedAt, project).filter((each) => each.service === name),
    volumes: volumeViews(context, project).filter((each) =>
      each.services.some((user) => user === name)
    ),
    changes,
    ...(job === undefined ? {} : { job }),
  };
}

function describeContainer(context: Context, id: DeploymentId): ContainerDescription {
  const shown = shownDeployments(context).find((each) => each.row.id === id);
  if (shown === undefined) throw notFound(`there is no deployment ${id} any more`, "containers");
  return {
    container: containerView(shown),
    release: shown.row.releaseId,
    specHash: shown.revision.specHash,
    createdAt: shown.row.createdAt,
    replaces: shown.row.replaces,
    wanted: wantedFields(context, shown),
    why: about(context, [shown]),
  };
}

function describeNode(context: Context, name: string, sight: Sight): NodeDescription {
  const node = nodeViews(context).find((each) => each.name === name || each.id === name);
  if (node === undefined) throw notFound(`there is no node "${name}"`, "nodes");
  const report = context.store.observed.node(node.id)?.report;
  const shown = shownDeployments(context).filter((each) =>
    each.row.nodeId === node.id && sight.project(each.project.name)
  );
  const volumes = volumeViews(context).filter((each) =>
    each.node === node.name && sight.project(each.project)
  );
  const seen = new Set<string>([
    ...shown.map((each) => each.row.id),
    ...volumes.flatMap((each) => [each.id, each.engineName]),
  ]);
  return {
    node: nodeAsSeen(node, sight),
    why: (report?.verdicts ?? []).filter((each) =>
      each.kind !== "converged" && (sight.all || seen.has(each.subject))
    ),
    containers: shown.map((each) => containerView(each)),
    volumes,
  };
}

function describeVolume(
  context: Context,
  project: string,
  name: string,
  sight: Sight,
): VolumeDescription {
  const volume = volumeViews(context, project).find((each) => each.name === name);
  if (volume === undefined) {
    throw notFound(`project "${project}" has no volume "${name}"`, "volumes");
  }
  const users = shownDeployments(context).flatMap((each) =>
    each.row.want === "absent" || !sight.project(each.project.name)
      ? []
      : each.revision.spec.mounts.flatMap((mount) =>
        mount.kind === "volume" && mount.volume === volume.id ? [{ each, mount }] : []
      )
  );
  return {
    volume,
    mounts: users.map(({ each, mount }) => ({
      service: each.service.name,
      slot: each.row.slot,
      target: mount.target,
      readOnly: mount.readOnly,
      subpath: mount.subpath ?? null,
    })),
    containers: [...new Set(users.map(({ each }) => each))].map((each) => containerView(each)),
    why: verdicts(context, new Set([volume.id, volume.engineName])),
  };
}

function describeRoute(
  context: Context,
  project: string,
  id: string,
  sight: Sight,
  reachedAt: string,
): RouteDescription {
  const view = routeViews(context, reachedAt, project).find((each) => each.id === id);
  if (view === undefined) throw notFound(`project "${project}" has no route "${id}"`, "routes");
  const shown = shownDeployments(context, project)
    .filter((each) => each.service.name === view.service);
  const index = Number(id.split("/").at(-1));
  return {
    route: view,
    allow: shown[0]?.service.routes[index]?.allow ?? [],
    containers: shown.map((each) => containerView(each)),
    why: [...ofNode(context, ["routes"], sight), ...about(context, shown)],
  };
}

function describeNetwork(context: Context, key: string, sight: Sight): NetworkDescription {
  const network = networksAsSeen(networkViews(context), sight).find((each) => each.key === key);
  if (network === undefined) throw notFound(`there is no network "${key}"`, "networks");
  const members = membersOf(shownDeployments(context), key)
    .filter((each) => sight.project(each.project.name));
  return {
    network,
    members: members.map((each) => ({
      project: each.project.name,
      service: each.service.name,
      slot: each.row.slot,
      addresses: [...each.addresses],
      aliases: each.revision.spec.networks.find((on) => on.network === key)?.aliases ?? [],
      container: containerView(each),
    })),
    why: ofNode(context, ["network", "names", "firewall"], sight),
  };
}

function describeProject(
  context: Context,
  name: string,
  sight: Sight,
  reachedAt: string,
): ProjectDescription {
  const project = projectViews(context).find((each) => each.name === name);
  if (project === undefined) throw notFound(`there is no project "${name}"`, "projects");
  return {
    project,
    services: serviceViews(context, reachedAt, name),
    volumes: volumeViews(context, name),
    routes: routeViews(context, reachedAt, name),
    networks: networksAsSeen(networkViews(context, name), sight),
    releases: releaseLines(context, name, HISTORY),
    why: about(context, shownDeployments(context, name)),
    changes: context.store.changes.list({ project: name, limit: HISTORY }),
  };
}

export const describeRoutes = {
  describeService: route(
    ENDPOINTS.describeService,
    async (context, { params, reachedAt }) =>
      answerJson(
        ENDPOINTS.describeService,
        describeService(context, params.name, params.service, reachedAt),
      ),
  ),
  describeContainer: route(
    ENDPOINTS.describeContainer,
    async (context, { params }) =>
      answerJson(ENDPOINTS.describeContainer, describeContainer(context, params.deployment)),
  ),
  describeNode: route(
    ENDPOINTS.describeNode,
    async (context, { params, sight }) =>
      answerJson(ENDPOINTS.describeNode, describeNode(context, params.node, sight)),
  ),
  describeVolume: route(
    ENDPOINTS.describeVolume,
    async (context, { params: { name, volume }, sight }) =>
      answerJson(ENDPOINTS.describeVolume, describeVolume(context, name, volume, sight)),
  ),
  describeRoute: route(
    ENDPOINTS.describeRoute,
    async (context, { params, sight, reachedAt }) =>
      answerJson(
        ENDPOINTS.describeRoute,
        describeRoute(context, params.name, params.route, sight, reachedAt),
      ),
  ),
  describeNetwork: route(
    ENDPOINTS.describeNetwork,
    async (context, { params, sight }) =>
      answerJson(ENDPOINTS.describeNetwork, describeNetwork(context, params.network, sight)),
  ),
  describeProject: route(
    ENDPOINTS.describeProject,
    async (context, { params, sight, reachedAt }) =>
      answerJson(
        ENDPOINTS.describeProject,
        describeProject(context, params.name, sight, reachedAt),
      ),
  ),
};
