/** Projects as pages list them. */
import type { ProjectView, ServiceView } from "../../shared/api/views.ts";
import { Badge, Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { serviceTone, type Tone, wordsOf } from "../text/format.ts";
import { projectHref } from "../text/hrefs.ts";

const WORST: readonly Tone[] = ["bad", "warn", "busy", "idle", "good"];

const WORDS: Readonly<Record<Tone, string>> = {
  bad: "not well",
  warn: "not complete",
  busy: "changing",
  idle: "stopped",
  good: "well",
};

/** The worst of its services. */
export function projectTone(services: readonly ServiceView[]): Tone {
  const tones = services.map(serviceTone);
  return WORST.find((tone) => tones.includes(tone)) ?? "idle";
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
            const tone = projectTone(own);
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
              : wordsOf(each.releaseState),
        },
        { label: "There since", cell: (each) => <Ago at={each.createdAt} /> },
      ]}
    />
  );
}
