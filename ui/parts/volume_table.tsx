/** Volumes and who mounts them. */
import type { VolumeView } from "../../shared/api/views.ts";
import { Status } from "../components/status.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { nodeHref, projectHref, serviceHref } from "../text/hrefs.ts";

/** `project`: all are of one. `action`: what may be done with each. */
export function VolumeTable(
  { volumes, project, empty, action }: {
    volumes: readonly VolumeView[];
    project?: string;
    empty: Child;
    action?: (volume: VolumeView) => Child;
  },
): Markup {
  const owner: readonly Column<VolumeView>[] = project !== undefined ? [] : [{
    label: "Project",
    cell: (each) => <a href={projectHref(each.project)}>{each.project}</a>,
  }];
  const doing: readonly Column<VolumeView>[] = action === undefined
    ? []
    : [{ label: "Action", cell: action }];
  return (
    <Table
      caption="Volumes and who mounts them"
      rows={volumes}
      rowId={(each) => each.id}
      empty={empty}
      columns={[
        { label: "Volume", heads: true, cell: (each) => each.name },
        ...owner,
        {
          label: "State",
          cell: (each) => (
            <Status tone={each.state !== "ready" ? "busy" : each.present ? "good" : "idle"}>
              {each.state !== "ready" ? each.state : each.present ? "there" : "not made yet"}
            </Status>
          ),
        },
        {
          label: "Mounted by",
          cell: (each) =>
            each.services.length === 0 ? <span class="muted">nobody</span> : (
              <ul class="inline">
                {each.services.map((name) => (
                  <li>
                    <a href={serviceHref(each.project, name)}>{name}</a>
                  </li>
                ))}
              </ul>
            ),
        },
        { label: "Node", cell: (each) => <a href={nodeHref(each.node)}>{each.node}</a> },
        { label: "In Podman", cell: (each) => <span class="mono small">{each.engineName}</span> },
        { label: "There since", cell: (each) => <Ago at={each.createdAt} /> },
        ...doing,
      ]}
    />
  );
}
