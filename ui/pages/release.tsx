/** `/releases/ID`: how a release comes up, container by container, as it happens. */
import type { ReleaseView, SlotProgress } from "../../shared/api/release.ts";
import { Card, Empty, Facts, Notice, PageHeader } from "../components/card.tsx";
import { LinkButton } from "../components/form.tsx";
import { Warnings } from "../components/plan.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Moment } from "../components/time.tsx";
import type { Markup } from "../markup.ts";
import { stagedTone, type Tone, wordsOf } from "../text/format.ts";

const STATE: Readonly<
  Record<ReleaseView["state"], { readonly tone: Tone; readonly text: string }>
> = {
  rolling: { tone: "busy", text: "on its way" },
  done: { tone: "good", text: "done" },
  rolled_back: { tone: "bad", text: "rolled back" },
  failed: { tone: "bad", text: "failed" },
  superseded: { tone: "idle", text: "superseded" },
};

function leadOf({ state, deletes, project }: ReleaseView): string {
  switch (state) {
    case "rolling":
      return deletes ? `${project} is being taken down.` : "You may leave this page; it goes on.";
    case "done":
      return deletes ? `${project} is deleted.` : `${project} is up.`;
    case "rolled_back":
      return "A replacement was not healthy in time. What ran before serves on.";
    case "failed":
      return `${project} did not come up.`;
    case "superseded":
      return "A newer release took over.";
  }
}

function serviceHref(project: string, service: string): string {
  return `/projects/${encodeURIComponent(project)}/services/${encodeURIComponent(service)}`;
}

function Stage({ slot }: { slot: SlotProgress }): Markup {
  return (
    <Status tone={stagedTone(slot)}>
      {wordsOf(slot.stage)}
      {slot.pull !== null && <span class="muted">: {slot.pull}</span>}
    </Status>
  );
}

/** `older`: there is a release before it that can be gone back to. */
export function ReleasePage(
  { release, mayApply, newest }: { release: ReleaseView; mayApply: boolean; newest: boolean },
): Markup {
  const { tone, text } = STATE[release.state];
  const project = encodeURIComponent(release.project);
  const back = newest ? release.parent : release.id;
  const troubled = release.slots.filter(({ stage }) =>
    stage === "failed" || stage === "rolled_back"
  );
  return (
    <>
      <PageHeader
        title={`Release of ${release.project}`}
        crumbs={[
          { text: "Projects", href: "/projects" },
          { text: release.project, href: `/projects/${project}` },
        ]}
        status={<Status tone={tone}>{text}</Status>}
        lead={leadOf(release)}
        actions={mayApply && back !== null && release.state !== "rolling"
          ? (
            <LinkButton href={`/projects/${project}/change?from=${back}`}>
              {newest ? "Go back to the one before" : "Go back to this one"}
            </LinkButton>
          )
          : undefined}
      />
      {release.reason !== null && (
        <Notice tone="bad" title={release.reason.message}>
          {troubled.map(({ service }) => (
            <a href={`${serviceHref(release.project, service)}/logs`}>What {service} wrote</a>
          ))}
        </Notice>
      )}
      <Card id="slots" title="Containers" count={release.slots.length} flush>
        <Table
          caption="Containers of this release"
          rows={release.slots}
          rowId={({ service, slot, change }) => `slot-${service}-${slot}-${change}`}
          empty={<Empty title="No container changes" />}
          columns={[
            {
              label: "Container",
              heads: true,
              cell: ({ service, slot }) => (
                <a href={serviceHref(release.project, service)}>{`${service}/${slot}`}</a>
              ),
            },
            { label: "What", cell: ({ change, kind }) => `${kind} ${change}` },
            { label: "Stage", cell: (slot) => <Stage slot={slot} /> },
            {
              label: "Why",
              wide: true,
              cell: ({ reason }) => reason === null ? "" : reason.message,
            },
          ]}
        />
      </Card>
      <Warnings warnings={release.warnings} />
      <Card id="facts" title="About it">
        <Facts
          items={[
            { term: "Made", value: <Moment at={release.at} /> },
            { term: "By", value: release.by },
            { term: "Id", value: <code>{release.id}</code> },
            {
              term: "After",
              value: release.parent === null
                ? "nothing: it was the first"
                : <a href={`/releases/${release.parent}`}>the one before</a>,
            },
          ]}
        />
      </Card>
    </>
  );
}
