import type { NamesSection } from "../../../shared/model/sections.ts";
import { leading, type ProjectIntent } from "../intent.ts";

/** The names that a project's services answer to. */
export function compileNames(of: ProjectIntent): NamesSection {
  return {
    capability: "names",
    project: of.project.id,
    projectName: of.project.name,
    services: leading(of).map(({ service, revision }) => ({
      service: service.id,
      name: service.name,
      networks: revision.spec.networks.map(({ network, aliases }) => ({
        network,
        aliases: [...aliases],
      })),
      ports: revision.spec.expose.map((each) => ({ ...each })),
    })),
  };
}
