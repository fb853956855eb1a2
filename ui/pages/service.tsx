/** One service: its state, why it is not as wished, replicas, what happened, limits. */
import type { ServiceDescription } from "../../shared/api/descriptions.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import type { RunReport } from "../../shared/model/job.ts";
import { Card, Empty, Facts, Notice, PageHeader } from "../components/card.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago, Moment } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { ChangeTable } from "../parts/change_table.tsx";
import { ContainerTable } from "../parts/container_table.tsx";
import { RunTable } from "../parts/job_table.tsx";
import { Links } from "../parts/links.tsx";
import { RouteTable } from "../parts/route_table.tsx";
import { ServiceTabs } from "../parts/service_tabs.tsx";
import { ServiceStatus } from "../parts/service_table.tsx";
import { VolumeTable } from "../parts/volume_table.tsx";
import { Why } from "../parts/why.tsx";
import { replicasText, serviceTone, shortHash, wordsOf } from "../text/format.ts";
import { projectHref } from "../text/hrefs.ts";

export interface ServiceProps extends ServiceDescription {
  /** The newest first, or a sentence about why they cannot be had. */
  readonly events: readonly NodeEvent[] | { readonly missing: string };
  /** Of a job. */
  readonly runs: readonly RunReport[];
  readonly plots?: Child;
  readonly actions?: Child;
}

function Events({ events }: { events: ServiceProps["events"] }): Markup {
  if ("missing" in events) {
    return (
      <Empty title="What happened cannot be had right now">
        <p>{events.missing}</p>
        <p>The node keeps it; it is shown once the node can be asked.</p>
      </Empty>
    );
  }
  return (
    <Table
      caption="What happened, the newest first"
      rows={events}
      empty={<Empty title="Nothing happened yet" />}
      columns={[
        { label: "When", cell: (each) => <Moment at={each.at} /> },
        { label: "What", heads: true, cell: (each) => each.message },
        { label: "Kind", cell: (each) => <span class="muted">{wordsOf(each.kind)}</span> },
        { label: "Replica", end: true, cell: (each) => each.subject?.slot },
      ]}
    />
  );
}

function Limits({ slots }: Pick<ServiceDescription, "slots">): Markup | null {
  const rows = slots.filter((each) => each.want === "run").flatMap((each) =>
    each.limits.map((limit) => ({ slot: each.slot, limit }))
  );
  if (rows.length === 0) return null;
  return (
    <Card id="limits" title="Limits" flush>
      <Table
        caption="Limits as they are wished, and as the kernel has them"
        rows={rows}
        columns={[
          { label: "Limit", heads: true, cell: ({ limit }) => limit.name },
          { label: "Replica", cell: ({ slot }) => slot },
          { label: "Wished", cell: ({ limit }) => limit.wished ?? <span class="muted">none</span> },
          {
            label: "In the kernel",
            cell: ({ limit }) =>
              limit.kernel === null
                ? <span class="muted">not running</span>
                : limit.differs
                ? <Status tone="bad">{limit.kernel}</Status>
                : limit.kernel,
          },
        ]}
      />
    </Card>
  );
}

/** The page `/projects/P/services/S`. */
export function ServicePage(props: ServiceProps): Markup {
  const { service, why, slots, routes, volumes, changes, wanted, job, runs, events } = props;
  const kills = slots.reduce((sum, each) => sum + each.memoryKills, 0);
  return (
    <>
      <PageHeader
        title={service.name}
        crumbs={[
          { text: "Projects", href: "/projects" },
          { text: service.project, href: projectHref(service.project) },
        ]}
        status={<ServiceStatus service={service} />}
        actions={props.actions}
      />
      <ServiceTabs project={service.project} service={service.name} here="state" />
      {why.length > 0
        ? (
          <Card id="why" title="Why it is not as wished" count={why.length}>
            <Why verdicts={why} />
          </Card>
        )
        : service.reason !== null && (
          <Notice
            id="why"
            tone={serviceTone(service) === "bad" ? "bad" : "warn"}
            title={service.reason.message}
          />
        )}
      {kills > 0 && (
        <Notice tone="warn" title="The kernel ended processes in it for want of memory">
          <p>It happened {kills} times since its start. Give it more memory, or find the leak.</p>
        </Notice>
      )}
      <Card id="replicas" title="Replicas" aside={replicasText(service)} flush>
        <ContainerTable
          containers={slots}
          of="service"
          empty={<Empty title="It has no replica" />}
        />
      </Card>
      {props.plots}
      {job !== undefined && (
        <Card id="runs" title="Runs" flush>
          <RunTable runs={runs} empty={<Empty title="It has not run yet" />} />
        </Card>
      )}
      <div class="columns">
        <Card id="about" title="About">
          <Facts
            items={[
              { term: "Image", value: <code>{service.image.reference}</code> },
              ...(service.image.digest === null ? [] : [{
                term: "Digest",
                value: <code>{shortHash(service.image.digest)}</code>,
              }]),
              ...(service.urls.length + service.ports.length === 0 ? [] : [{
                term: "Reached at",
                value: <Links urls={service.urls} more={service.ports} />,
              }]),
              ...(job === undefined ? [] : [
                { term: "Schedule", value: job.schedule ?? "by hand" },
                { term: "Next run", value: <Ago at={job.next} /> },
              ]),
            ]}
          />
        </Card>
        <Card id="wanted" title="As it is wished">
          <details id="wanted-fields">
            <summary>{wanted.length} settings</summary>
            <Facts
              items={wanted.map(({ field, value }) => ({
                term: field,
                value: <code>{value}</code>,
              }))}
            />
          </details>
        </Card>
      </div>
      <Limits slots={slots} />
      {routes.length > 0 && (
        <Card id="routes" title="Routes" flush>
          <RouteTable routes={routes} project={service.project} empty={null} />
        </Card>
      )}
      {volumes.length > 0 && (
        <Card id="volumes" title="Volumes" flush>
          <VolumeTable volumes={volumes} project={service.project} empty={null} />
        </Card>
      )}
      <Card id="events" title="What happened" flush>
        <Events events={events} />
      </Card>
      <Card id="changes" title="Changes" flush>
        <ChangeTable changes={changes} empty={<Empty title="Nobody changed it yet" />} />
      </Card>
    </>
  );
}
