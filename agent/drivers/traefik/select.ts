/** Which routes can be served together: those with a sound rule of which no earlier one is the same. Pure. */
import { isAddressRange } from "./cidr.ts";
import type { IngressRoute, RouteProblem } from "./config.ts";
import { buildRule, normalisePath, type Rule } from "./rule.ts";

export interface RuledRoute {
  readonly route: IngressRoute;
  readonly rule: Rule;
}

export interface Selection {
  readonly routes: readonly RuledRoute[];
  readonly leftOut: readonly { readonly id: string; readonly problem: RouteProblem }[];
}

/**
 * The order decides conflicts: the first of two routes with equal host and path is served, the
 * later is left out with a reason that names the first. Traefik itself would pick one in silence.
 */
export function selectRoutes(routes: readonly IngressRoute[]): Selection {
  const taken = new Map<string, string>();
  const served: RuledRoute[] = [];
  const leftOut: { id: string; problem: RouteProblem }[] = [];
  for (const route of routes) {
    const built = buildRule(route.host, route.path);
    const problem = built.kind === "refused" ? built.problem : otherProblem(route);
    if (built.kind === "refused" || problem !== null) {
      if (problem !== null) leftOut.push({ id: route.id, problem });
      continue;
    }
    const first = taken.get(built.rule.key);
    if (first !== undefined) {
      leftOut.push({ id: route.id, problem: conflict(built.rule, first) });
      continue;
    }
    taken.set(built.rule.key, route.id);
    served.push({ route, rule: built.rule });
  }
  return { routes: served, leftOut };
}

function conflict(rule: Rule, first: string): RouteProblem {
  const [host, path] = rule.key.split(" ");
  const where = host === "*" ? `any host, path ${path}` : `${host}${path}`;
  return {
    code: "route_conflict",
    message: `${where} is already routed by "${first}"`,
    remedy: `Give one of the two another host or path, or remove the route of "${first}".`,
  };
}

function otherProblem(route: IngressRoute): RouteProblem | null {
  const bad = route.allow.find((range) => !isAddressRange(range));
  if (bad !== undefined) {
    return {
      code: "route_invalid_allow",
      message: `${JSON.stringify(bad)} in allow is no address or CIDR`,
      remedy: "Write addresses such as 192.168.1.0/24.",
    };
  }
  if (route.healthPath !== null && !isHealthPath(route.healthPath)) {
    return {
      code: "route_invalid_health_path",
      message: `${JSON.stringify(route.healthPath)} is not a path for a health check`,
      remedy: "Write a plain path such as /health.",
    };
  }
  return null;
}

/** A health check is a request of our own: a query is fine there. */
function isHealthPath(path: string): boolean {
  const [plain, query] = path.split(/\?(.*)/s);
  return normalisePath(plain ?? "") !== null &&
    (query === undefined || /^[A-Za-z0-9._~!$&'()*+,=:@/?%-]*$/.test(query));
}
