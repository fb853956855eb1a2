import { mountOptions } from "../../../shared/compose/driver_options.ts";
import type { VolumesSection } from "../../../shared/model/sections.ts";
import { by, type ProjectIntent } from "../intent.ts";

/** The volumes that the node holds of a project. */
export function compileVolumes(of: ProjectIntent): VolumesSection {
  return {
    capability: "volumes",
    project: of.project.id,
    projectName: of.project.name,
    volumes: of.volumes.map(({ id, name, generation, engineName, labels, options }) => ({
      id,
      name,
      generation,
      engineName,
      labels,
      ...(Object.keys(options).length === 0 ? {} : { options: mountOptions(options) }),
    })).sort(by((each) => each.id)),
  };
}
