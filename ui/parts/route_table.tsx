/** Routes and whether they lead anywhere. */
import type { RouteView } from "../../shared/api/views.ts";
import { Status } from "../components/status.tsx";
import { type Column, Table } from "../components/table.tsx";
import type { Child, Markup } from "../markup.ts";
import { projectHref, serviceHref } from "../text/hrefs.ts";
import { Links } from "./links.tsx";

/** `project`: all are of one. */
export function RouteTable(
  { routes, project, empty }: { routes: readonly RouteView[]; project?: string; empty: Child },
): Markup {
  const owner: readonly Column<RouteView>[] = project !== undefined ? [] : [{
    label: "Project",
    cell: (each) => <a href={projectHref(each.project)}>{each.project}</a>,
  }];
  return (
    <Table
      caption="Routes and whether they lead anywhere"
      rows={routes}
      empty={empty}
      columns={[
        {
          label: "Route",
          heads: true,
          cell: (each) => `${each.host ?? "any host"}${each.path}`,
        },
        {
          label: "State",
          cell: (each) => (
            <Status tone={each.live ? "good" : "warn"}>{each.live ? "live" : "not live"}</Status>
          ),
        },
        ...owner,
        {
          label: "Leads to",
          cell: (each) => (
            <a href={serviceHref(each.project, each.service)}>{`${each.service}:${each.port}`}</a>
          ),
        },
        {
          label: "Servers",
          cell: (each) =>
            each.servers.length > 0 && <span class="mono small">{each.servers.join(", ")}</span>,
        },
        { label: "Why", wide: true, cell: (each) => each.reason?.message },
        { label: "Addresses", cell: (each) => <Links urls={each.urls} /> },
      ]}
    />
  );
}
