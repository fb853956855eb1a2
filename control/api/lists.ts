/** What `get` asks for. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { Context } from "../context.ts";
import { networkViews, releaseLines } from "./network_views.ts";
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

const containers = (context: Context, project: string | undefined) =>
  shownDeployments(context, project).map((each) => containerView(context, each));

export const listRoutes = {
  version: route(
    ENDPOINTS.version,
    async ({ settings }) => answerJson(ENDPOINTS.version, { version: settings.version, api: "v1" }),
  ),
  projects: route(
    ENDPOINTS.projects,
    async (context, { query }) =>
      answerJson(ENDPOINTS.projects, {
        items: projectViews(context).filter((each) =>
          query.project === undefined || each.name === query.project
        ),
      }),
  ),
  services: route(
    ENDPOINTS.services,
    async (context, { query }) =>
      answerJson(ENDPOINTS.services, { items: serviceViews(context, query.project) }),
  ),
  containers: route(
    ENDPOINTS.containers,
    async (context, { query }) =>
      answerJson(ENDPOINTS.containers, { items: containers(context, query.project) }),
  ),
  nodes: route(
    ENDPOINTS.nodes,
    async (context) => answerJson(ENDPOINTS.nodes, { items: nodeViews(context) }),
  ),
  volumes: route(
    ENDPOINTS.volumes,
    async (context, { query }) =>
      answerJson(ENDPOINTS.volumes, { items: volumeViews(context, query.project) }),
  ),
  routes: route(
    ENDPOINTS.routes,
    async (context, { query }) =>
      answerJson(ENDPOINTS.routes, { items: routeViews(context, query.project) }),
  ),
  secrets: route(
    ENDPOINTS.secrets,
    async (context, { query }) =>
      answerJson(ENDPOINTS.secrets, { items: secretViews(context, query.project) }),
  ),
  networks: route(
    ENDPOINTS.networks,
    async (context, { query }) =>
      answerJson(ENDPOINTS.networks, { items: networkViews(context, query.project) }),
  ),
  releases: route(
    ENDPOINTS.releases,
    async (context, { query }) =>
      answerJson(ENDPOINTS.releases, { items: releaseLines(context, query.project) }),
  ),
  changes: route(
    ENDPOINTS.changes,
    async ({ store }, { query }) =>
      answerJson(ENDPOINTS.changes, {
        items: store.changes.list({
          project: query.project ?? null,
          limit: Math.min(Number(query.limit ?? "100"), 10_000),
        }),
      }),
  ),
};
