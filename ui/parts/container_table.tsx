/** Replicas: deployments and the containers that they run as. */
import type { ContainerView } from "../../shared/api/views.ts";
import { Badge, Status } from "../components/status.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { healthTone, stagedTone, wordsOf } from "../text/format.ts";
import { nodeHref, serviceHref } from "../text/hrefs.ts";

/** `of`: the service's page, where the service needs no column, or a node's. */
export function ContainerTable(
  { containers, of, empty }: {
    containers: readonly ContainerView[];
    of: "service" | "node";
    empty: Child;
  },
): Markup {
  const where: readonly Column<ContainerView>[] = of === "node" ? [] : [
    { label: "Node", cell: (each) => <a href={nodeHref(each.node)}>{each.node}</a> },
  ];
  return (
    <Table
      caption="Replicas and their containers"
      rows={containers}
      rowId={(each) => each.deployment}
      empty={empty}
      columns={[
        {
          label: of === "node" ? "Service" : "Replica",
          heads: true,
          cell: (each) =>
            of === "node"
              ? (
                <a href={serviceHref(each.project, each.service)}>
                  {each.project}/{each.service}
                  {each.slot > 1 && ` (${each.slot})`}
                </a>
              )
              : (
                <>
                  {each.slot}
                  {each.want !== "run" && (
                    <>
                      <Badge>{each.want === "retire" ? "old" : "goes"}</Badge>
                    </>
                  )}
                </>
              ),
        },
        {
          label: "State",
          cell: (each) => <Status tone={stagedTone(each)}>{wordsOf(each.stage)}</Status>,
        },
        {
          label: "Health",
          cell: (each) =>
            each.health === "none"
              ? <span class="muted">no check</span>
              : <Status tone={healthTone(each.health)}>{each.health}</Status>,
        },
        { label: "Why", wide: true, cell: (each) => each.pull ?? each.reason?.message },
        {
          label: "Address",
          cell: (each) =>
            each.addresses.length > 0 && <span class="mono">{each.addresses.join(", ")}</span>,
        },
        ...where,
        {
          label: "Since",
          cell: (each) => each.container !== null && <Ago at={each.container.startedAt} />,
        },
        { label: "Restarts", end: true, cell: (each) => each.restarts },
      ]}
    />
  );
}
