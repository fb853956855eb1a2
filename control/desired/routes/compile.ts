import type { RoutesSection } from "../../../shared/model/sections.ts";
import { by, leading, type ProjectIntent } from "../intent.ts";

/** The routes of services that run. */
export function compileRoutes(of: ProjectIntent): RoutesSection {
  return {
    capability: "routes",
    project: of.project.id,
    projectName: of.project.name,
    routes: leading(of).flatMap(({ service }) =>
      service.routes.map((route, index) => ({
        id: `${service.name}/${index}`,
        service: service.id,
        serviceName: service.name,
        host: route.host ?? null,
        path: route.path,
        port: route.port,
        tls: route.tls,
        allow: [...route.allow],
      }))
    ).sort(by((each) => each.id)),
  };
}
