/** All projects. */
import type { ProjectView, ServiceView } from "../../shared/api/views.ts";
import { Card, Command, Empty, PageHeader } from "../components/card.tsx";
import { LinkButton } from "../components/form.tsx";
import type { Markup } from "../markup.ts";
import { ProjectTable } from "../parts/project_table.tsx";

export interface ProjectsProps {
  readonly projects: readonly ProjectView[];
  readonly services: readonly ServiceView[];
}

/** The page `/projects`. */
export function ProjectsPage({ projects, services }: ProjectsProps): Markup {
  const alive = projects.filter((each) => !each.deleted);
  const gone = projects.filter((each) => each.deleted);
  return (
    <>
      <PageHeader
        title="Projects"
        actions={<LinkButton href="/apply" kind="primary">Apply a project</LinkButton>}
      />
      <Card id="projects" title="Projects" count={alive.length} flush>
        <ProjectTable
          projects={alive}
          services={services}
          empty={
            <Empty title="There is no project yet">
              <p>
                Apply a compose folder here, or run <Command>skerry apply --wait</Command>{" "}
                in its folder.
              </p>
            </Empty>
          }
        />
      </Card>
      {gone.length > 0 && (
        <Card id="gone" title="Deleted, with data left" count={gone.length} flush>
          <ProjectTable projects={gone} services={services} empty={null} />
        </Card>
      )}
    </>
  );
}
