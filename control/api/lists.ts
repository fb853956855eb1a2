/** What `get` asks for. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { may } from "../authz/may.ts";
import type { Context } from "../context.ts";
import { networksAsSeen, nodeAsSeen, rowsAsSeen, secretsAsSeen } from "./as_seen.ts";
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
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.projects, {
        items: projectViews(context).filter((each) =>
          sight.project(each.name) && (query.project === undefined || each.name === query.project)
        ),
      }),
  ),
  services: route(
    ENDPOINTS.services,
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.services, {
        items: rowsAsSeen(serviceViews(context, query.project), sight),
      }),
  ),
  containers: route(
    ENDPOINTS.containers,
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.containers, {
        items: rowsAsSeen(containers(context, query.project), sight),
      }),
  ),
  nodes: route(
    ENDPOINTS.nodes,
    async (context, { sight }) =>
      answerJson(ENDPOINTS.nodes, {
        items: nodeViews(context).map((each) => nodeAsSeen(each, sight)),
      }),
  ),
  volumes: route(
    ENDPOINTS.volumes,
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.volumes, {
        items: rowsAsSeen(volumeViews(context, query.project), sight),
      }),
  ),
  routes: route(
    ENDPOINTS.routes,
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.routes, {
        items: rowsAsSeen(routeViews(context, query.project), sight),
      }),
  ),
  secrets: route(
    ENDPOINTS.secrets,
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.secrets, {
        items: secretsAsSeen(secretViews(context, query.project), sight),
      }),
  ),
  networks: route(
    ENDPOINTS.networks,
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.networks, {
        items: networksAsSeen(networkViews(context, query.project), sight),
      }),
  ),
  releases: route(
    ENDPOINTS.releases,
    async (context, { query, sight }) =>
      answerJson(ENDPOINTS.releases, {
        items: rowsAsSeen(releaseLines(context, query.project), sight),
      }),
  ),
  changes: route(
    ENDPOINTS.changes,
    async ({ store }, { query, sight, caller }) =>
      answerJson(ENDPOINTS.changes, {
        items: store.changes.list({
          project: query.project ?? null,
          only: sight.all
            ? null
            : store.projects.list().map(({ name }) => name).filter(sight.project),
          accounts: may(caller, "accounts", { kind: "global" }),
          limit: Math.min(Number(query.limit ?? "100"), 10_000),
        }),
      }),
  ),
};
