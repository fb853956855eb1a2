/** What cannot be applied from another machine: folders that are bound where they lie. */
import { relative } from "node:path";
import { SkerryError } from "../../shared/errors.ts";
import { isWithin } from "../../shared/project/carried_files.ts";
import type { Prepared } from "../../shared/project/prepare.ts";
import { printable } from "../terminal.ts";

/** Error `bind_from_afar` that names each of them, and the volume to write instead. */
export function refuseBindsInPlace({ model, part, carried }: Prepared): void {
  const refused: string[] = [];
  const remedies = new Set<string>();
  for (const [service, { volumes = [] }] of Object.entries(model.services)) {
    for (const mount of volumes) {
      if (mount.type !== "bind") continue;
      const { source, target, read_only: readOnly } = mount;
      if (!isWithin(part.sourceFolder, source)) continue;
      if (readOnly === true && carried.files[source] !== undefined) continue;
      const way = relative(part.sourceFolder, source) || ".";
      const shown = printable(`./${way}`);
      refused.push(
        readOnly === true
          ? `the service "${service}" binds ${shown}, which is not there, or too much to travel`
          : `the service "${service}" binds ${shown} and may write to it`,
      );
      const name = way.replaceAll(/[^a-zA-Z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "data";
      remedies.add(
        readOnly === true
          ? `put what ${shown} holds into the image, or into a named volume`
          : `write "${name}:${printable(target)}" and, at the top level, volumes: {${name}: }` +
            `; where it is only read, ":ro", and it travels`,
      );
    }
  }
  if (refused.length === 0) return;
  throw new SkerryError(
    "bind_from_afar",
    `${refused.join("; ")}: from afar there is no such folder on the box. Nothing was done.`,
    [...remedies].join("; "),
  );
}
