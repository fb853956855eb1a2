/** One project: how it is, its services, releases, jobs, volumes and routes. */
import type { ProjectDescription } from "../../shared/api/descriptions.ts";
import type { JobView, ReleaseLine } from "../../shared/api/views.ts";
import { Card, Command, Empty, Facts, PageHeader } from "../components/card.tsx";
import { LinkButton } from "../components/form.tsx";
import { Badge, Status } from "../components/status.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Ago, Moment } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { ChangeTable } from "../parts/change_table.tsx";
import { JobTable } from "../parts/job_table.tsx";
import { NetworkTable } from "../parts/network_table.tsx";
import { projectTone, releaseTone, Undone } from "../parts/project_table.tsx";
import { RouteTable } from "../parts/route_table.tsx";
import { ServiceTable } from "../parts/service_table.tsx";
import { VolumeTable } from "../parts/volume_table.tsx";
import { Why } from "../parts/why.tsx";
import { countText, wordsOf } from "../text/format.ts";
import { goBackHref, projectHref, releaseHref } from "../text/hrefs.ts";

export interface ProjectProps extends ProjectDescription {
  readonly jobs: readonly JobView[];
  /** The viewer may bring an older release back. */
  readonly mayApply: boolean;
  /** What the viewer may do with it: buttons and forms. */
  readonly actions?: Child;
  /** Below all else, such as its removal. */
  readonly end?: Child;
}

/** Releases of a project, the newest first. */
export function ReleaseTable(
  { releases, mayApply }: { releases: readonly ReleaseLine[]; mayApply: boolean },
): Markup {
  const newest = releases[0]?.id;
  const back: readonly Column<ReleaseLine>[] = !mayApply ? [] : [{
    label: "Back",
    cell: (each) =>
      each.id !== newest && !each.deletes && each.state !== "rolling" && (
        <a href={goBackHref(each.project, each.id)}>Go back to #{each.number}</a>
      ),
  }];
  return (
    <Table
      caption="Releases, the newest first"
      rows={releases}
      rowId={(each) => each.id}
      empty={<Empty title="Nothing was released yet" />}
      columns={[
        {
          label: "Release",
          heads: true,
          cell: (each) => (
            <>
              <a href={releaseHref(each.id)}>#{each.number}</a>
              {each.deletes && (
                <>
                  <Badge>delete</Badge>
                </>
              )}
            </>
          ),
        },
        {
          label: "State",
          cell: (each) => <Status tone={releaseTone(each.state)}>{wordsOf(each.state)}</Status>,
        },
        { label: "Why", wide: true, cell: (each) => each.reason?.message },
        { label: "When", cell: (each) => <Ago at={each.at} /> },
        { label: "Who", cell: (each) => each.by },
        ...back,
      ]}
    />
  );
}

/** The page `/projects/P`. */
export function ProjectPage(props: ProjectProps): Markup {
  const { project, services, why, releases, jobs, volumes, routes, networks, changes } = props;
  const tone = projectTone(project, services);
  return (
    <>
      <PageHeader
        title={project.name}
        crumbs={[{ text: "Projects", href: "/projects" }]}
        status={
          <Status tone={tone}>
            {project.deleted ? "deleted" : countText(services.length, "service")}
          </Status>
        }
        actions={props.actions ?? (
          <LinkButton href={`${projectHref(project.name)}/logs`}>Logs</LinkButton>
        )}
      />
      <Undone project={project} reason={releases[0]?.reason?.message} />
      {why.length > 0 && (
        <Card id="why" title="Why it is not as wished" count={why.length}>
          <Why verdicts={why} />
        </Card>
      )}
      <Card id="services" title="Services" count={services.length} flush>
        <ServiceTable
          services={services}
          project={project.name}
          empty={
            <Empty title="No service is wanted">
              <p>
                Bring it up again with <Command>skerry apply --wait</Command> in its folder.
              </p>
            </Empty>
          }
        />
      </Card>
      {jobs.length > 0 && (
        <Card id="jobs" title="Jobs" count={jobs.length} flush>
          <JobTable jobs={jobs} project={project.name} empty={null} />
        </Card>
      )}
      {routes.length > 0 && (
        <Card id="routes" title="Routes" count={routes.length} flush>
          <RouteTable routes={routes} project={project.name} empty={null} />
        </Card>
      )}
      {volumes.length > 0 && (
        <Card id="volumes" title="Volumes" count={volumes.length} flush>
          <VolumeTable volumes={volumes} project={project.name} empty={null} />
        </Card>
      )}
      {networks.length > 0 && (
        <Card id="networks" title="Networks" count={networks.length} flush>
          <NetworkTable networks={networks} />
        </Card>
      )}
      <Card id="releases" title="Releases" flush>
        <ReleaseTable releases={releases} mayApply={props.mayApply} />
      </Card>
      <Card
        id="changes"
        title="Changes"
        aside={<a href={`/audit?project=${encodeURIComponent(project.name)}`}>All of them</a>}
        flush
      >
        <ChangeTable changes={changes} empty={<Empty title="Nothing was changed yet" />} />
      </Card>
      <Card id="about" title="About">
        <Facts
          items={[
            { term: "There since", value: <Moment at={project.createdAt} /> },
            { term: "Applied from", value: project.sourceFolder ?? "not known" },
          ]}
        />
      </Card>
      {props.end}
    </>
  );
}
