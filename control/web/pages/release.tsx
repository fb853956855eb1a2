/** `/releases/ID` */
import { ReleaseId } from "../../../shared/model/ids.ts";
import { SkerryError } from "../../../shared/errors.ts";
import { ReleasePage } from "../../../ui/pages/release.tsx";
import type { Page } from "../page.ts";

export const releasePage: Page = {
  path: "/releases/:id",
  async show({ api, params, viewer }) {
    const id = ReleaseId.safeParse(params["id"]);
    if (!id.success) throw new SkerryError("not_found", "there is no such release");
    const release = await api.release(id.data);
    const [newest] = await api.releases(release.project);
    return {
      title: `Release of ${release.project}`,
      main: (
        <ReleasePage
          release={release}
          mayApply={viewer.may("operator", release.project)}
          newest={newest?.id === release.id}
        />
      ),
    };
  },
};
