/** What the ingress is to serve in a world. Pure. */
import { canonicalJson, type Sha256, sha256 } from "../../../shared/model/hash.ts";
import type { ProjectId, ServiceId } from "../../../shared/model/ids.ts";
import type { Route, RoutesSection } from "../../../shared/model/sections.ts";
import type { IngressRoute, RouteProblem } from "../../drivers/traefik/config.ts";
import { RENDERING } from "../../drivers/traefik/dynamic.ts";
import { normaliseHost } from "../../drivers/traefik/rule.ts";
import { selectRoutes } from "../../drivers/traefik/select.ts";
import { reachedAt } from "../../reconcile/reached_at.ts";
import type { RoutedDeployment, RoutesDesired, RoutesWorld } from "./view.ts";

/** A route of a project, and how the ingress names it. */
export interface NamedRoute {
  readonly project: ProjectId;
  readonly id: string;
  readonly service: ServiceId;
  readonly ingress: IngressRoute;
  /** Why it is not served; null: it is. */
  readonly problem: RouteProblem | null;
}

export interface WantedRoutes {
  /** Of every project, by project and id: the order that decides conflicts. */
  readonly all: readonly NamedRoute[];
  /** Those that are served. */
  readonly served: readonly IngressRoute[];
  readonly digest: Sha256;
}

export function wantedRoutes(world: RoutesWorld): WantedRoutes {
  const named = [...world.desired.routes]
    .sort((a, b) => compare(a.project, b.project))
    .flatMap((section) =>
      [...section.routes]
        .sort((a, b) => compare(a.id, b.id))
        .map((route) => ({ section, route, ingress: ingressRoute(world, section, route) }))
    );
  const { leftOut } = selectRoutes(named.map(({ ingress }) => ingress));
  const problems = new Map(leftOut.map(({ id, problem }) => [id, problem]));
  const all = named.map(({ section, route, ingress }): NamedRoute => ({
    project: section.project,
    id: route.id,
    service: route.service,
    ingress,
    problem: problems.get(ingress.id) ?? null,
  }));
  const served = all.filter((each) => each.problem === null).map((each) => each.ingress);
  const { httpsPort } = world.seen.routes;
  const digest = sha256(canonicalJson({ served, httpsPort, rendering: RENDERING }));
  return { all, served, digest };
}

function ingressRoute(world: RoutesWorld, section: RoutesSection, route: Route): IngressRoute {
  const servers = serversOf(world, section.project, route);
  return {
    id: `${section.projectName}/${route.id}`,
    host: route.host,
    path: route.path,
    tls: route.tls,
    allow: [...route.allow].sort(),
    servers: [...servers.keys()].sort(),
    ...commonCheck(route, [...servers.values()]),
  };
}

/** The port that a deployment answers this route on: its own revision's, which may not be the newest. */
function portOf(deployment: RoutedDeployment, route: Route): number {
  const own = deployment.spec.routed.find(({ host, path }) =>
    host === route.host && path === route.path
  );
  return own?.port ?? route.port;
}

/**
 * The path that the proxy itself checks: that of every server's own HTTP check. While old and new
 * ones differ in it, the agent's checks alone decide.
 */
function commonCheck(
  route: Route,
  servers: readonly RoutedDeployment[],
): Pick<IngressRoute, "healthPath" | "healthTimeoutMs"> {
  const checks = servers.map((deployment) => {
    const { health } = deployment.spec;
    return health.kind === "http" && health.port === portOf(deployment, route) ? health : null;
  });
  const paths = new Set(checks.map((check) => check?.path ?? null));
  const [path = null] = paths;
  if (paths.size !== 1 || path === null) return { healthPath: null, healthTimeoutMs: 0 };
  const healthTimeoutMs = Math.max(...checks.map((check) => check?.timeoutMs ?? 0));
  return { healthPath: path, healthTimeoutMs };
}

/** Servers as `ip:port`, and whose they are. */
function serversOf(
  world: RoutesWorld,
  project: ProjectId,
  route: Route,
): ReadonlyMap<string, RoutedDeployment> {
  const servers = new Map<string, RoutedDeployment>();
  const replaced = new Set([...world.serving.values()].map(({ replaces }) => replaces));
  const add = (deployment: RoutedDeployment) => {
    const address = reachedAt(deployment);
    if (address !== null) servers.set(`${address}:${portOf(deployment, route)}`, deployment);
  };
  for (const deployment of world.serving.values()) {
    if (deployment.service === route.service) add(deployment);
  }
  for (const section of world.desired.containers) {
    if (section.project !== project) continue;
    for (const deployment of section.deployments) {
      if (deployment.service !== route.service || replaced.has(deployment.id)) continue;
      if (keepsServing(world, deployment, route)) add(deployment);
    }
  }
  return servers;
}

/**
 * An agent that has just started knows nobody's health yet. A server that the proxy leads to and
 * that was healthy once stays while its container runs, until its health is known: otherwise a
 * restart of the agent would take every route down.
 */
function keepsServing(world: RoutesWorld, deployment: RoutedDeployment, route: Route): boolean {
  const address = reachedAt(deployment);
  if (address === null || deployment.want === "absent") return false;
  const { servers, writtenServers = servers } = world.seen.routes;
  const health = world.health.get(deployment.id)?.health;
  return (health === undefined || health === "starting") &&
    world.memory.get(deployment.id)?.wasHealthy === true &&
    world.seen.containers.byDeployment.get(deployment.id)?.state === "running" &&
    writtenServers.has(`${address}:${portOf(deployment, route)}`);
}

/** The names that the node's certificate covers: its own, and every sound host of a route. */
export function certifiedNames(
  desired: RoutesDesired,
  ownNames: readonly string[],
): readonly string[] {
  const hosts = desired.routes.flatMap(({ routes }) =>
    routes.flatMap(({ host }) => {
      const sound = host === null ? null : normaliseHost(host);
      return sound === null ? [] : [sound];
    })
  );
  return [...new Set([...ownNames, ...hosts])].sort();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
