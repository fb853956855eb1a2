/** Pages that are one list: volumes, secrets, routes, jobs, images. */
import type { ImageView } from "../../shared/api/images.ts";
import type { JobView, RouteView, SecretView, VolumeView } from "../../shared/api/views.ts";
import { Card, Command, Empty, PageHeader } from "../components/card.tsx";
import { Badge } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { JobTable } from "../parts/job_table.tsx";
import { ServiceLink } from "../parts/network_table.tsx";
import { RouteTable } from "../parts/route_table.tsx";
import { VolumeTable } from "../parts/volume_table.tsx";
import { bytesText, shortHash } from "../text/format.ts";
import { projectHref } from "../text/hrefs.ts";

/** The page `/volumes`. */
export function VolumesPage(
  { volumes, action, end }: {
    volumes: readonly VolumeView[];
    action?: (volume: VolumeView) => Child;
    end?: Child;
  },
): Markup {
  return (
    <>
      <PageHeader
        title="Volumes"
        lead="Data that outlives containers. A volume goes only when you say so."
      />
      <Card id="volumes" title="Volumes" count={volumes.length} flush>
        <VolumeTable
          volumes={volumes}
          {...(action === undefined ? {} : { action })}
          empty={
            <Empty title="There is no volume yet">
              <p>
                Name one under <code>volumes:</code>{" "}
                in a compose file and mount it; it is made when the project is applied.
              </p>
            </Empty>
          }
        />
      </Card>
      {end}
    </>
  );
}

/** The page `/secrets`: names, never values. */
export function SecretsPage(
  { secrets, action, end }: {
    secrets: readonly SecretView[];
    action?: (secret: SecretView) => Child;
    end?: Child;
  },
): Markup {
  return (
    <>
      <PageHeader title="Secrets" lead="Values go in and are never shown again." />
      <Card id="secrets" title="Secrets" count={secrets.length} flush>
        <Table
          caption="Secrets and who uses them"
          rows={secrets}
          empty={
            <Empty title="There is no secret yet">
              <p>
                Set one here, or with <Command>skerry secret set NAME</Command>, then name it under
                {" "}
                <code>secrets:</code> with <code>external: true</code>.
              </p>
            </Empty>
          }
          columns={[
            { label: "Secret", heads: true, cell: (each) => each.name },
            {
              label: "For",
              cell: (each) =>
                each.project === null
                  ? <Badge>every project</Badge>
                  : <a href={projectHref(each.project)}>{each.project}</a>,
            },
            {
              label: "Used by",
              cell: (each) =>
                each.usedBy.length === 0 ? <span class="muted">nobody</span> : (
                  <ul class="inline">
                    {each.usedBy.map((name) => (
                      <li>
                        <a href={projectHref(name)}>{name}</a>
                      </li>
                    ))}
                  </ul>
                ),
            },
            { label: "Versions", end: true, cell: (each) => each.versions },
            { label: "Changed", cell: (each) => <Ago at={each.changedAt} /> },
            ...(action === undefined ? [] : [{ label: "Action", cell: action }]),
          ]}
        />
      </Card>
      {end}
    </>
  );
}

/** The page `/routes`. */
export function RoutesPage({ routes }: { routes: readonly RouteView[] }): Markup {
  return (
    <>
      <PageHeader title="Routes" lead="Which host names and paths lead to which service." />
      <Card id="routes" title="Routes" count={routes.length} flush>
        <RouteTable
          routes={routes}
          empty={
            <Empty title="No route leads to a service yet">
              <p>
                Add one to a service in its compose file:{" "}
                <code>
                  x-skerry: {"{"} routes: [{"{"} host: shop.example, port: 8080 {"}"}] {"}"}
                </code>
              </p>
            </Empty>
          }
        />
      </Card>
    </>
  );
}

/** The page `/jobs`. */
export function JobsPage({ jobs }: { jobs: readonly JobView[] }): Markup {
  return (
    <>
      <PageHeader
        title="Jobs"
        lead="What runs by the clock or when somebody says so, on the box itself, with or without a network."
      />
      <Card id="jobs" title="Jobs" count={jobs.length} flush>
        <JobTable
          jobs={jobs}
          empty={
            <Empty title="There is no job yet">
              <p>
                Give a service a schedule, such as{" "}
                <code>x-skerry: {"{"} schedule: "0 3 * * *" {"}"}</code>
              </p>
            </Empty>
          }
        />
      </Card>
    </>
  );
}

function keptText({ keptFor }: ImageView): Child {
  switch (keptFor) {
    case "running":
      return "a service runs from it";
    case "container":
      return "a container is made of it";
    case "previous":
      return "the release before needs it";
    case null:
      return <span class="muted">nothing: may be pruned</span>;
  }
}

/** The page `/images`. */
export function ImagesPage({ images }: { images: readonly ImageView[] | null }): Markup {
  return (
    <>
      <PageHeader title="Images" lead="What lies on the node, and what it is kept for." />
      <Card id="images" title="Images" {...(images === null ? {} : { count: images.length })} flush>
        {images === null
          ? (
            <Empty title="The node cannot be asked right now">
              <p>Images lie there; they are listed once it answers.</p>
            </Empty>
          )
          : (
            <Table
              caption="Images on the node"
              rows={images}
              empty={
                <Empty title="No image lies here yet">
                  <p>They are fetched when a project is applied.</p>
                </Empty>
              }
              columns={[
                {
                  label: "Image",
                  heads: true,
                  cell: (each) => (
                    <span class="mono small">
                      {each.references.length === 0
                        ? shortHash(each.id)
                        : each.references.join(" ")}
                    </span>
                  ),
                },
                { label: "Size", end: true, cell: (each) => bytesText(each.sizeBytes) },
                { label: "Made", cell: (each) => <Ago at={each.createdAt} /> },
                {
                  label: "Used by",
                  cell: (each) => (
                    <ul class="inline">
                      {each.usedBy.map((name) => (
                        <li>
                          <ServiceLink name={name} />
                        </li>
                      ))}
                    </ul>
                  ),
                },
                { label: "Kept because", cell: keptText },
              ]}
            />
          )}
      </Card>
    </>
  );
}
