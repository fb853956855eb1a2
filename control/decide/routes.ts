/** Routes of a release, and whether another project has them already. */
import type { PlanAnswer } from "../../shared/api/release.ts";
import type { ComposeService } from "../../shared/compose/model.ts";
import { canonicalJson } from "../../shared/model/hash.ts";
import type { StoredRoute } from "../store/services.ts";
import { routeText } from "./differences.ts";
import type { Fault } from "./fault.ts";
import type { Situation } from "./situation.ts";

/** The routes of a service as they are stored. */
export function routesOf(service: ComposeService): StoredRoute[] {
  const allow = [...(service["x-skerry"]?.allow ?? [])].sort();
  return (service["x-skerry"]?.routes ?? []).map((route) => ({ ...route, allow }));
}

/** Equal where the ingress could serve only one of two. */
function place({ host, path }: StoredRoute): string {
  const plain = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  return `${host?.toLowerCase() ?? "*"}${plain}`;
}

/** What becomes of routes, and a fault for each that another service has already. */
export function compareRoutes(
  situation: Situation,
  wanted: ReadonlyMap<string, readonly StoredRoute[]>,
  faults: Fault[],
): PlanAnswer["routes"] {
  const before = new Map<string, StoredRoute>();
  const taken = new Map<string, string>();
  for (const service of situation.services) {
    const own = service.projectId === situation.project?.id;
    const project = situation.projects.find((each) => each.id === service.projectId);
    service.routes.forEach((route, index) => {
      if (own) before.set(`${service.name}/${index}`, route);
      else taken.set(place(route), `service "${service.name}" of project "${project?.name}"`);
    });
  }
  const changes: PlanAnswer["routes"] = [];
  const seen = new Set<string>();
  for (const [name, routes] of [...wanted].sort(([a], [b]) => a < b ? -1 : 1)) {
    routes.forEach((route, index) => {
      const id = `${name}/${index}`;
      seen.add(id);
      const old = before.get(id);
      const change = old === undefined
        ? "created"
        : canonicalJson(old) === canonicalJson(route)
        ? "unchanged"
        : "changed";
      changes.push({ route: routeText(name, route), change });
      const holder = taken.get(place(route));
      if (holder !== undefined) {
        faults.push({
          code: "route_taken",
          detail: `the route ${place(route)} of service "${name}" is already that of ${holder}`,
          remedy: "Give one of them another host or path: requests go to only one of the two.",
        });
      }
      taken.set(place(route), `service "${name}" of this project`);
    });
  }
  for (const [id, route] of before) {
    if (!seen.has(id)) {
      changes.push({
        route: routeText(id.slice(0, id.lastIndexOf("/")), route),
        change: "removed",
      });
    }
  }
  return changes;
}
