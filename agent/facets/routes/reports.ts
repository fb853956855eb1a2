/** What a node says of its routes. Pure. */
import type { RouteReport } from "../../../shared/model/report.ts";
import type { Reason } from "../../../shared/model/verdict.ts";
import type { RoutesWorld } from "./view.ts";
import { type NamedRoute, wantedRoutes } from "./wanted.ts";

/** A report for each wanted route, by project and id. */
export function routeReports(world: RoutesWorld): RouteReport[] {
  const wanted = wantedRoutes(world);
  const confirmed = world.seen.routes.digest === wanted.digest;
  return wanted.all.map((route) => {
    const servers = servingNow(world, route);
    const reason = reasonOf(world, route, servers, confirmed);
    return {
      project: route.project,
      id: route.id,
      live: servers.length > 0,
      servers,
      reason,
    };
  });
}

/** The route's servers that the proxy was shown to lead to. */
function servingNow(world: RoutesWorld, route: NamedRoute): string[] {
  const { alive, servers } = world.seen.routes;
  if (!alive || route.problem !== null) return [];
  return route.ingress.servers.filter((server) => servers.has(server));
}

function reasonOf(
  world: RoutesWorld,
  route: NamedRoute,
  servers: readonly string[],
  confirmed: boolean,
): Reason | null {
  const { alive, problem } = world.seen.routes;
  if (route.problem !== null) {
    return { code: route.problem.code, message: route.problem.message };
  }
  if (!alive) {
    const why = problem === null ? "it does not run" : problem.message;
    return { code: "proxy_down", message: `the ingress is down: ${why}` };
  }
  if (route.ingress.servers.length === 0) {
    const message = "no healthy server: the route answers 503 until the service is healthy";
    return { code: "no_healthy_server", message };
  }
  if (!confirmed && servers.length < route.ingress.servers.length) {
    return { code: "publishing", message: "the ingress is taking over a change" };
  }
  return null;
}
