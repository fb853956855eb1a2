/** Jobs: when they run next, and how they ran last. */
import type { JobView } from "../../shared/api/views.ts";
import type { RunReport } from "../../shared/model/job.ts";
import { Badge, Status } from "../components/status.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { spanText, type Tone, wordsOf } from "../text/format.ts";
import { projectHref, serviceHref } from "../text/hrefs.ts";

function runTone({ result }: RunReport): Tone {
  switch (result) {
    case null:
      return "busy";
    case "succeeded":
      return "good";
    case "failed":
    case "timed_out":
      return "bad";
    case "lost":
      return "warn";
    case "replaced":
    case "stopped":
      return "idle";
  }
}

/** How a run ended, or that it goes on. */
export function RunStatus({ run }: { run: RunReport }): Markup {
  return (
    <Status tone={runTone(run)}>{run.result === null ? "running" : wordsOf(run.result)}</Status>
  );
}

/** `project`: all are of one. */
export function JobTable(
  { jobs, project, empty }: { jobs: readonly JobView[]; project?: string; empty: Child },
): Markup {
  const owner: readonly Column<JobView>[] = project !== undefined ? [] : [{
    label: "Project",
    cell: (each) => <a href={projectHref(each.project)}>{each.project}</a>,
  }];
  return (
    <Table
      caption="Jobs and when they run"
      rows={jobs}
      rowId={(each) => `job-${each.service}`}
      empty={empty}
      columns={[
        {
          label: "Job",
          heads: true,
          cell: (each) => <a href={serviceHref(each.project, each.name)}>{each.name}</a>,
        },
        ...owner,
        {
          label: "Schedule",
          cell: (each) =>
            each.schedule === null ? <span class="muted">by hand</span> : (
              <>
                <code>{each.schedule}</code> <span class="muted small">{each.timeZone}</span>
              </>
            ),
        },
        {
          label: "Next run",
          cell: (each) =>
            each.suspended !== null ? <Badge tone="warn">suspended</Badge> : <Ago at={each.next} />,
        },
        {
          label: "Last run",
          cell: (each) => {
            const run = each.active[0] ?? each.last;
            return run === null || run === undefined ? <span class="muted">none yet</span> : (
              <>
                <RunStatus run={run} />{" "}
                <span class="muted">
                  <Ago at={run.endedAt ?? run.begunAt} />
                </span>
              </>
            );
          },
        },
        {
          label: "Why",
          wide: true,
          cell: (each) => (each.active[0] ?? each.last)?.reason?.message,
        },
      ]}
    />
  );
}

/** Runs of one job, the newest first. */
export function RunTable({ runs, empty }: { runs: readonly RunReport[]; empty: Child }): Markup {
  return (
    <Table
      caption="Runs, the newest first"
      rows={runs}
      rowId={(each) => each.deployment}
      empty={empty}
      columns={[
        { label: "Run", heads: true, cell: (each) => `#${each.number}` },
        { label: "Result", cell: (each) => <RunStatus run={each} /> },
        { label: "Began by", cell: (each) => wordsOf(each.trigger) },
        { label: "Began", cell: (each) => <Ago at={each.begunAt} /> },
        {
          label: "Took",
          end: true,
          cell: (each) => each.endedAt === null ? "" : spanText(each.endedAt - each.begunAt),
        },
        { label: "Exit code", end: true, cell: (each) => each.exitCode },
        { label: "Why", wide: true, cell: (each) => each.reason?.message },
      ]}
    />
  );
}
