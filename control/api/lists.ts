/** What `get` asks for. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { may } from "../authz/may.ts";
import type { Context } from "../context.ts";
import { networksAsSeen, nodeAsSeen, rowsAsSeen, secretsAsSeen } from "./as_seen.ts";
import { networkViews, releaseLines } from "./network_views.ts";
import { listRoute } from "./list_route.ts";
import { answerJson, route } from "./route.ts";
import { secretViews } from "./secrets.ts";
import {
  containerView,
  nodeViews,
  projectViews,
  routeViews,
  serviceViews,
  shownDeployments,
  volumeViews,
} from "./views.ts";

/** So many releases are kept in sight. */
const MAX_RELEASES = 100_000;

const containers = (context: Context, project: string | undefined) =>
  shownDeployments(context, project).map((each) => containerView(each));

export const listRoutes = {
  version: route(
    ENDPOINTS.version,
    async ({ settings }) => answerJson(ENDPOINTS.version, { version: settings.version, api: "v1" }),
  ),
  projects: listRoute(ENDPOINTS.projects, {
    rows: (context, { query, sight }) =>
      projectViews(context).filter((each) =>
        sight.project(each.name) && (query.project === undefined || each.name === query.project)
      ),
    key: ({ name, id }) => [name, id],
  }),
  services: listRoute(ENDPOINTS.services, {
    rows: (context, { query, sight, reachedAt }) =>
      rowsAsSeen(serviceViews(context, reachedAt, query.project), sight),
    key: ({ project, name, id }) => [project, name, id],
  }),
  containers: listRoute(ENDPOINTS.containers, {
    rows: (context, { query, sight }) => rowsAsSeen(containers(context, query.project), sight),
    key: ({ project, service, slot, deployment }) => [project, service, slot, deployment],
  }),
  nodes: listRoute(ENDPOINTS.nodes, {
    rows: (context, { sight }) => nodeViews(context).map((each) => nodeAsSeen(each, sight)),
    key: ({ name, id }) => [name, id],
  }),
  volumes: listRoute(ENDPOINTS.volumes, {
    rows: (context, { query, sight }) => rowsAsSeen(volumeViews(context, query.project), sight),
    key: ({ project, name, id }) => [project, name, id],
  }),
  routes: listRoute(ENDPOINTS.routes, {
    rows: (context, { query, sight, reachedAt }) =>
      rowsAsSeen(routeViews(context, reachedAt, query.project), sight),
    key: ({ project, service, id }) => [project, service, Number(id.split("/")[1] ?? 0), id],
  }),
  secrets: listRoute(ENDPOINTS.secrets, {
    rows: (context, { query, sight }) => secretsAsSeen(secretViews(context, query.project), sight),
    key: ({ project, name }) => [project ?? "", name],
  }),
  networks: listRoute(ENDPOINTS.networks, {
    rows: (context, { query, sight }) =>
      networksAsSeen(networkViews(context, query.project), sight),
    key: ({ key }) => [key],
  }),
  releases: listRoute(ENDPOINTS.releases, {
    rows: (context, { query, sight }) =>
      rowsAsSeen(releaseLines(context, query.project, MAX_RELEASES), sight),
    key: ({ at, project, number }) => [at, project, number],
    descending: true,
  }),
  changes: listRoute(ENDPOINTS.changes, {
    // There may be very many: the store gives no more of them than are shown.
    rows: ({ store }, { query, sight, caller }, { limit, after }) =>
      store.changes.list({
        project: query.project ?? null,
        only: sight.all
          ? null
          : store.projects.list().map(({ name }) => name).filter(sight.project),
        accounts: may(caller, "accounts", { kind: "global" }),
        limit: limit + 1,
        before: Number(after?.[0] ?? Number.MAX_SAFE_INTEGER),
      }),
    key: ({ seq }) => [seq],
    descending: true,
  }),
};
