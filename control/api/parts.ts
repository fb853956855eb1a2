/** What releases were made of. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { ComposePart } from "../../shared/api/release.ts";
import { SkerryError } from "../../shared/errors.ts";
import { decryptAtRest } from "../../shared/sealing/seal.ts";
import { answerJson, route } from "./route.ts";

export const partRoutes = {
  releaseParts: route(ENDPOINTS.releaseParts, async ({ store, keys }, { params: { id } }) => {
    const release = store.projects.release(id);
    if (release === null) throw new SkerryError("not_found", `there is no release "${id}"`);
    const stored = release.composePart === null ? null : store.projects.part(release.composePart);
    if (release.composePart !== null && stored === null) {
      throw new SkerryError(
        "not_found",
        `what the release "${id}" was made of is not kept any more`,
        "Only the last releases of a project are kept whole; apply its compose file again.",
      );
    }
    return answerJson(ENDPOINTS.releaseParts, {
      id,
      project: store.projects.get(release.projectId)?.name ?? release.projectId,
      compose: stored === null ? null : ComposePart.parse(
        JSON.parse(new TextDecoder().decode(decryptAtRest(keys.master, stored))),
      ),
    });
  }),
};
