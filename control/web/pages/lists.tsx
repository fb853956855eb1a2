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
import type { Page } from "../page.ts";

export const volumesPage: Page = {
  path: "/volumes",
  show: async ({ api }) => ({
    title: "Volumes",
    main: <VolumesPage volumes={await api.volumes()} />,
  }),
};

export const secretsPage: Page = {
  path: "/secrets",
  show: async ({ api }) => ({
    title: "Secrets",
    main: <SecretsPage secrets={await api.secrets()} />,
  }),
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
  async show({ api }) {
    // They lie on the node: without it there is no list, and the page says so.
    const images = await api.images().catch((thrown: unknown) => {
      if (thrown instanceof ApiError && thrown.status >= 500) return null;
      throw thrown;
    });
    return { title: "Images", main: <ImagesPage images={images} /> };
  },
};
