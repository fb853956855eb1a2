/** `/volumes`, `/secrets`, `/routes`, `/jobs`, `/images` */
import { ApiError } from "../../../shared/api/problem.ts";
import { ENDPOINTS } from "../../../shared/api/endpoints.ts";
import {
  ImagesPage,
  JobsPage,
  RoutesPage,
  SecretsPage,
  VolumesPage,
} from "../../../ui/pages/lists.tsx";
import { ImageForms, SecretForm } from "../../../ui/pages/acts.tsx";
import { SecretAction, VolumeAction } from "../../../ui/parts/actions.tsx";
import type { Page } from "../page.ts";

export const volumesPage: Page = {
  path: "/volumes",
  show: async ({ api, viewer }) => ({
    title: "Volumes",
    main: (
      <VolumesPage
        volumes={await api.volumes()}
        action={(volume) =>
          viewer.may("operator", volume.project) ? <VolumeAction volume={volume} /> : ""}
      />
    ),
  }),
};

export const secretsPage: Page = {
  path: "/secrets",
  async show({ api, viewer }) {
    const [secrets, projects] = await Promise.all([api.secrets(), api.projects()]);
    const names = projects.map(({ name }) => name).filter((name) => viewer.may("operator", name));
    const everywhere = viewer.may("operator", null);
    return {
      title: "Secrets",
      main: (
        <SecretsPage
          secrets={secrets}
          action={(secret) =>
            viewer.may("operator", secret.project) ? <SecretAction secret={secret} /> : ""}
          end={everywhere || names.length > 0 ? <SecretForm projects={names} /> : undefined}
        />
      ),
    };
  },
};

export const routesPage: Page = {
  path: "/routes",
  show: async ({ api }) => ({ title: "Routes", main: <RoutesPage routes={await api.routes()} /> }),
};

export const jobsPage: Page = {
  path: "/jobs",
  async show({ api }) {
    const { items } = await api.look(ENDPOINTS.jobs, {});
    return { title: "Jobs", main: <JobsPage jobs={items} /> };
  },
};

export const imagesPage: Page = {
  path: "/images",
  async show({ api, viewer }) {
    // They lie on the node: without it there is no list, and the page says so.
    const images = await api.images().catch((thrown: unknown) => {
      if (thrown instanceof ApiError && thrown.status >= 500) return null;
      throw thrown;
    });
    return {
      title: "Images",
      main: (
        <>
          <ImagesPage images={images} />
          {viewer.may("operator", null) && <ImageForms error={null} />}
          {viewer.may("admin", null) && (
            <p>
              <a href="/registries">Registries and logins</a>
            </p>
          )}
        </>
      ),
    };
  },
};
