import type { VolumesSection } from "../../../shared/model/sections.ts";
import { by, type ProjectIntent } from "../intent.ts";

/** The volumes that the node holds of a project. */
export function compileVolumes(of: ProjectIntent): VolumesSection {
  return {
    capability: "volumes",
    project: of.project.id,
    projectName: of.project.name,
    volumes: of.volumes.map(({ id, name, generation, engineName, labels }) => ({
      id,
      name,
      generation,
      engineName,
      labels,
    })).sort(by((each) => each.id)),
  };
}
