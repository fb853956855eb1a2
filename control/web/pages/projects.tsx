/** `/projects` and `/projects/P` */
import { ENDPOINTS } from "../../../shared/api/endpoints.ts";
import { ProjectPage } from "../../../ui/pages/project.tsx";
import { ProjectsPage } from "../../../ui/pages/projects.tsx";
import { ProjectActions } from "../../../ui/parts/actions.tsx";
import type { Page } from "../page.ts";

export const projectsPage: Page = {
  path: "/projects",
  async show({ api }) {
    const [projects, services] = await Promise.all([api.projects(), api.services()]);
    return {
      title: "Projects",
      main: <ProjectsPage projects={projects} services={services} />,
    };
  },
};

export const projectPage: Page = {
  path: "/projects/:name",
  async show({ api, params, viewer }) {
    const name = params["name"] ?? "";
    const [described, jobs] = await Promise.all([
      api.look(ENDPOINTS.describeProject, { params: { name } }),
      api.look(ENDPOINTS.jobs, { project: name }),
    ]);
    return {
      title: described.project.name,
      main: (
        <ProjectPage
          {...described}
          jobs={jobs.items}
          mayApply={viewer.may("operator", name)}
          actions={
            <ProjectActions
              project={name}
              operator={viewer.may("operator", name)}
              deleted={described.project.deleted}
            />
          }
        />
      ),
    };
  },
};
