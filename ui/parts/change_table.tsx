/** Lines of the log of who changed what. */
import type { ChangeView } from "../../shared/api/views.ts";
import { Badge } from "../components/status.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Ago, Moment } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { projectHref } from "../text/hrefs.ts";

/** `full`: with the exact time and the action's code. */
export function ChangeTable(
  { changes, empty, full }: { changes: readonly ChangeView[]; empty: Child; full?: boolean },
): Markup {
  const action: readonly Column<ChangeView>[] = full === true
    ? [{ label: "Action", cell: (each) => <Badge>{each.action}</Badge> }]
    : [];
  return (
    <Table
      caption="Changes, the newest first"
      rows={changes}
      empty={empty}
      columns={[
        {
          label: "When",
          cell: (each) => full === true ? <Moment at={each.at} /> : <Ago at={each.at} />,
        },
        { label: "What", heads: true, cell: (each) => each.summary },
        {
          label: "Project",
          cell: (each) =>
            each.project !== null && <a href={projectHref(each.project)}>{each.project}</a>,
        },
        ...action,
        { label: "Who", cell: (each) => each.who },
      ]}
    />
  );
}
