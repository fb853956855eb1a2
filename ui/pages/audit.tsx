/** Who changed what, with filters. */
import type { ChangeView } from "../../shared/api/views.ts";
import { Card, Empty, PageHeader } from "../components/card.tsx";
import { Button, LinkButton, SelectField, TextField } from "../components/form.tsx";
import { Pager } from "../components/pager.tsx";
import type { Markup } from "../markup.ts";
import { ChangeTable } from "../parts/change_table.tsx";

/** What is asked for; "" is everything. */
export interface AuditFilter {
  readonly project: string;
  readonly who: string;
  readonly action: string;
  /** A day, such as 2026-11-28, in UTC. */
  readonly since: string;
  readonly until: string;
}

export interface AuditProps {
  readonly changes: readonly ChangeView[];
  readonly filter: AuditFilter;
  readonly projects: readonly string[];
  readonly actions: readonly string[];
  readonly first: string | null;
  readonly next: string | null;
}

/** The page `/audit`. */
export function AuditPage(props: AuditProps): Markup {
  const { changes, filter, projects, actions, first, next } = props;
  const options = (values: readonly string[], all: string) => [
    { value: "", text: all },
    ...values.map((value) => ({ value, text: value })),
  ];
  return (
    <>
      <PageHeader title="Audit log" lead="Who changed what, the newest first." />
      <Card id="log" title="Changes" flush>
        <form class="inline-form" method="get" action="/audit" role="search" aria-label="Filter">
          <SelectField
            name="project"
            label="Project"
            value={filter.project}
            options={options(projects, "all")}
          />
          <TextField name="who" label="Who" type="search" value={filter.who} />
          <SelectField
            name="action"
            label="Action"
            value={filter.action}
            options={options(actions, "all")}
          />
          <TextField name="since" label="From day (UTC)" type="date" value={filter.since} />
          <TextField name="until" label="To day (UTC)" type="date" value={filter.until} />
          <Button kind="plain">Filter</Button>
          {Object.values(filter).some((value) => value !== "") && (
            <LinkButton href="/audit">Clear</LinkButton>
          )}
        </form>
        <ChangeTable
          changes={changes}
          full
          empty={
            <Empty title="No change is like that">
              <p>Take a filter away, or choose other days.</p>
            </Empty>
          }
        />
        <Pager
          shown={changes.length === 1 ? "1 change" : `${changes.length} changes on this page`}
          first={first}
          next={next}
        />
      </Card>
    </>
  );
}
