import { canonicalJson } from "../../../shared/model/hash.ts";
import type { ImagesSection } from "../../../shared/model/sections.ts";
import type { ProjectIntent } from "../intent.ts";

/** What the node must not collect for this project. */
export function compileImages(of: ProjectIntent): ImagesSection {
  const pins = new Map(
    of.keptPins.map(({ reference, digest, imageId }) => {
      const pin = { reference, digest, id: imageId };
      return [canonicalJson(pin), pin] as const;
    }),
  );
  const kept = [...pins].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pin]) => pin);
  return { capability: "images", project: of.project.id, kept };
}
