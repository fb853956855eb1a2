/** An upload that was read, on its way to a plan: what travels, and what cannot be done from a page. */
import type { ComposeModel } from "../../shared/compose/mod.ts";
import { SkerryError } from "../../shared/errors.ts";
import { isWithin } from "../../shared/project/carried_files.ts";
import { prepare, type Prepared } from "../../shared/project/prepare.ts";
import { shownEntry } from "./entry_names.ts";
import { type ReadUpload, UPLOAD_ROOT } from "./read_upload.ts";
import { ownValue } from "../../shared/own_value.ts";

type Good = Extract<ReadUpload, { kind: "ok" }>;

/** Refuses services that are built: an upload holds no build context. */
function checkBuilds({ services }: ComposeModel): void {
  const built = Object.keys(services).filter((name) => services[name]?.build !== undefined);
  if (built.length === 0) return;
  throw new SkerryError(
    "build_of_upload",
    `${built.map(shownEntry).join(" and ")} ${built.length === 1 ? "has" : "have"} a build:, ` +
      "which is not done from a page",
    "Run `skerry apply --wait` in the project's folder; or push the image to a registry, and name it.",
  );
}

/** Refuses binds of the uploaded folder that would be a folder of the host that nobody knows. */
function checkBinds({ part }: Prepared): void {
  for (const [service, { volumes = [] }] of Object.entries(part.model.services)) {
    for (const mount of volumes) {
      if (mount.type !== "bind" || !isWithin(UPLOAD_ROOT, mount.source)) continue;
      if (mount.read_only === true && ownValue(part.files, mount.source) !== undefined) continue;
      const writable = mount.read_only !== true;
      throw new SkerryError(
        "bind_of_upload",
        `the service "${service}" binds ${shownEntry(mount.source)} at ${
          shownEntry(mount.target)
        }, ${writable ? "and may write to it" : "which is not in the upload, or too much"}`,
        writable
          ? "An upload is no folder of the box: write a named volume (data:/path and volumes: {data: }), " +
            "or :ro for what is only read; or run `skerry apply` in the folder on the box."
          : "Upload the folder with that file in it.",
      );
    }
  }
}

/** Reads and hashes what an upload carries. */
export async function prepareUpload(read: Good): Promise<Prepared> {
  checkBuilds(read.project.model);
  const prepared = await prepare(read.project, read.place);
  checkBinds(prepared);
  // No folder of the box is meant by it.
  return { ...prepared, part: { ...prepared.part, sourceFolder: read.origin } };
}
