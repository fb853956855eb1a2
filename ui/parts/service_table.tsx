/** Services as every page lists them. */
import type { ServiceView } from "../../shared/api/views.ts";
import { Badge, Status } from "../components/status.tsx";
import { type Column, Table } from "../components/table.tsx";
import type { Child, Markup } from "../markup.ts";
import { replicasText, serviceTone, wordsOf } from "../text/format.ts";
import { projectHref, serviceHref } from "../text/hrefs.ts";
import { Links } from "./links.tsx";

/** How a service is, in one word with its mark. */
export function ServiceStatus({ service }: { service: ServiceView }): Markup {
  const tone = serviceTone(service);
  const word = tone === "bad" && service.health === "unhealthy" && service.stage !== "failed"
    ? "unhealthy"
    : wordsOf(service.stage);
  return <Status tone={tone}>{word}</Status>;
}

/** `project`: they are all of one project, which needs no column. */
export function ServiceTable(
  { services, empty, project }: {
    services: readonly ServiceView[];
    empty: Child;
    project?: string;
  },
): Markup {
  const owner: readonly Column<ServiceView>[] = project !== undefined ? [] : [{
    label: "Project",
    cell: (each) => <a href={projectHref(each.project)}>{each.project}</a>,
  }];
  return (
    <Table
      caption="Services and how they are"
      rows={services}
      rowId={(each) => each.id}
      empty={empty}
      columns={[
        {
          label: "Service",
          heads: true,
          cell: (each) => (
            <>
              <a href={serviceHref(each.project, each.name)}>{each.name}</a>
              {each.kind === "job" && (
                <>
                  <Badge>job</Badge>
                </>
              )}
            </>
          ),
        },
        ...owner,
        { label: "State", cell: (each) => <ServiceStatus service={each} /> },
        { label: "Why", wide: true, cell: (each) => each.reason?.message },
        { label: "Replicas", end: true, cell: replicasText },
        {
          label: "Reached at",
          cell: (each) =>
            each.urls.length + each.ports.length > 0 && (
              <Links
                urls={each.urls}
                more={each.ports}
                most={4}
              />
            ),
        },
      ]}
    />
  );
}
