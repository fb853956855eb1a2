/** What is wrong now, first; then what there is, and what changed. */
import type { ChangeView, NodeView, ProjectView, ServiceView } from "../../shared/api/views.ts";
import { Card, Empty, PageHeader } from "../components/card.tsx";
import { PlotCard, type PlotRange } from "../components/plot.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Markup } from "../markup.ts";
import { replicasText, serviceTone, wordsOf } from "../text/format.ts";

export interface OverviewProps {
  readonly nodes: readonly NodeView[];
  readonly projects: readonly ProjectView[];
  readonly services: readonly ServiceView[];
  readonly changes: readonly ChangeView[];
  readonly range: PlotRange;
}

/** The page `/`. */
export function OverviewPage({ nodes, services, changes, range }: OverviewProps): Markup {
  return (
    <>
      <PageHeader title="Overview" />
      <Card id="services" title="Services" count={services.length} flush>
        <Table
          caption="Services"
          rows={services}
          rowId={(each) => each.id}
          empty={<Empty title="Nothing runs here yet">Apply a compose file.</Empty>}
          columns={[
            { label: "Service", heads: true, cell: (each) => each.name },
            {
              label: "State",
              cell: (each) => <Status tone={serviceTone(each)}>{wordsOf(each.stage)}</Status>,
            },
            { label: "Replicas", end: true, cell: replicasText },
          ]}
        />
      </Card>
      {nodes[0] === undefined
        ? null
        : <PlotCard subject={{ kind: "node", node: nodes[0].name }} range={range} here="/" />}
      <Card id="changes" title="Recent changes" flush>
        <Table
          caption="Recent changes"
          rows={changes}
          empty={<Empty title="Nothing was changed yet" />}
          columns={[
            { label: "When", cell: (each) => <Ago at={each.at} /> },
            { label: "What", heads: true, cell: (each) => each.summary },
            { label: "Who", cell: (each) => each.who },
          ]}
        />
      </Card>
    </>
  );
}
