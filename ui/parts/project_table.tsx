/** Projects as pages list them. */
import type { ReleaseState } from "../../shared/api/release.ts";
import type { ProjectView, ServiceView } from "../../shared/api/views.ts";
import { Notice } from "../components/card.tsx";
import { Badge, Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { sentenceOf, serviceTone, type Tone, wordsOf } from "../text/format.ts";
import { projectHref, releaseHref } from "../text/hrefs.ts";

const WORST: readonly Tone[] = ["bad", "warn", "busy", "idle", "good"];

const WORDS: Readonly<Record<Tone, string>> = {
  bad: "not well",
  warn: "not complete",
  busy: "changing",
  idle: "stopped",
  good: "well",
};

/** How a release went. */
export function releaseTone(state: ReleaseState): Tone {
  switch (state) {
    case "done":
      return "good";
    case "failed":
    case "rolled_back":
      return "bad";
    case "rolling":
      return "busy";
    case "superseded":
      return "idle";
  }
}

/** Did its last release not come up? What runs is not what was wished last. */
export function isUndone({ deleted, releaseState }: ProjectView): boolean {
  return !deleted && releaseState !== null && releaseTone(releaseState) === "bad";
}

/** The worst of its services; less than well where its last release did not come up. */
export function projectTone(project: ProjectView, services: readonly ServiceView[]): Tone {
  const tones: Tone[] = [
    ...services.map(serviceTone),
    ...isUndone(project) ? ["warn" as const] : [],
  ];
  return WORST.find((tone) => tones.includes(tone)) ?? "idle";
}

/** Says that a project's last release did not come up; nothing where it did. */
export function Undone(
  { project, reason }: { project: ProjectView; reason?: string | undefined },
): Markup | null {
  if (!isUndone(project)) return null;
  const { name, release, releaseState } = project;
  const what = releaseState === "failed" ? "failed" : "was rolled back";
  return (
    <Notice
      tone="warn"
      title={
        <>
          The last release of <a href={projectHref(name)}>{name}</a> {what}
        </>
      }
    >
      <p>
        {reason !== undefined && `${sentenceOf(reason)} `}
        {releaseState === "rolled_back" && "What ran before it serves on. "}
        {release !== null && <a href={releaseHref(release)}>How it went</a>}
      </p>
    </Notice>
  );
}

/** `services`: of all projects. */
export function ProjectTable(
  { projects, services, empty }: {
    projects: readonly ProjectView[];
    services: readonly ServiceView[];
    empty: Child;
  },
): Markup {
  const of = new Map<string, ServiceView[]>();
  for (const service of services) {
    const known = of.get(service.project);
    if (known === undefined) of.set(service.project, [service]);
    else known.push(service);
  }
  return (
    <Table
      caption="Projects and how they are"
      rows={projects}
      rowId={(each) => each.id}
      empty={empty}
      columns={[
        {
          label: "Project",
          heads: true,
          cell: (each) => (
            <>
              <a href={projectHref(each.name)}>{each.name}</a>
              {each.deleted && (
                <>
                  <Badge>deleted</Badge>
                </>
              )}
            </>
          ),
        },
        {
          label: "State",
          cell: (each) => {
            const own = of.get(each.name) ?? [];
            if (own.length === 0) return <Status tone="idle">no services</Status>;
            const tone = projectTone(each, own);
            return <Status tone={tone}>{WORDS[tone]}</Status>;
          },
        },
        {
          label: "Services",
          end: true,
          cell: (each) => {
            const own = of.get(each.name) ?? [];
            const well = own.filter((service) => serviceTone(service) === "good").length;
            return own.length === 0 ? "0" : `${well}/${own.length}`;
          },
        },
        {
          label: "Last release",
          cell: (each) =>
            each.releaseState === null
              ? <span class="muted">none</span>
              : (
                <Status tone={releaseTone(each.releaseState)}>
                  {wordsOf(each.releaseState)}
                </Status>
              ),
        },
        { label: "There since", cell: (each) => <Ago at={each.createdAt} /> },
      ]}
    />
  );
}
