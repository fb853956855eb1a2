/** `skerry describe service NAME`: everything about one service, with why it is not as wished. */
import type { Command } from "commander";
import type { z } from "zod";
import type { ServiceDescription } from "../../shared/api/views.ts";
import type { Stage } from "../../shared/model/report.ts";
import type { ReportedVerdict } from "../../shared/model/verdict.ts";
import {
  type Cli,
  examples,
  projectOf,
  serviceName,
  sharedOptions,
  subcommand,
  withApi,
} from "../cli.ts";
import { machineText } from "../output/format.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import { lastEvents, SERVICE_EVENT_COLUMNS } from "../output/events.ts";
import { lastLines } from "../output/last_lines.ts";
import { type Column, tableLines } from "../output/table.ts";
import { agoText, healthTone, reasonText, shortHash, stageTone } from "../output/words.ts";
import { type Paint, printable } from "../terminal.ts";

type Description = z.infer<typeof ServiceDescription>;

function verdictLine(verdict: ReportedVerdict, now: number): string {
  const since = verdict.since === undefined ? "" : ` (for ${agoText(verdict.since, now)})`;
  const remedy = verdict.remedy === undefined ? "" : `: ${verdict.remedy}`;
  const kind = verdict.kind === "do" ? "to be done" : verdict.kind;
  return printable(`${verdict.facet}: ${kind}: ${verdict.reason.message}${remedy}${since}`);
}

function slotColumns(now: number): readonly Column<Description["slots"][number]>[] {
  return [
    { title: "SLOT", cell: (row) => String(row.slot) },
    { title: "WANT", cell: (row) => row.want },
    { title: "STAGE", cell: (row) => ({ text: row.stage, tone: stageTone(row.stage) }) },
    { title: "HEALTH", cell: (row) => ({ text: row.health, tone: healthTone(row.health) }) },
    { title: "NODE", cell: (row) => row.node },
    { title: "ADDRESS", cell: (row) => row.addresses.join(", ") },
    { title: "STARTED", cell: (row) => agoText(row.container?.startedAt ?? null, now) },
    { title: "EXIT", cell: (row) => row.container?.exitCode?.toString() ?? "" },
    { title: "RESTARTS", cell: (row) => String(row.restarts) },
    { title: "WHY", cell: (row) => row.pull ?? reasonText(row.reason) },
  ];
}

/** The text of a description, for people. */
export function describeText(
  of: Description,
  now: number,
  paint: Paint,
  log: readonly string[] = [],
  events: readonly NodeEvent[] = [],
): string {
  const { service } = of;
  const head = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", paint("strong", title), ...lines.map((line) => `  ${line}`)];
  const stage = paint(stageTone(service.stage), service.stage);
  const lines = [
    `${paint("strong", `${service.project}/${service.name}`)} (${service.kind}): ` +
    `${stage}, ${service.slots.running} of ${service.slots.wanted} running`,
    `  image    ${printable(service.image.reference)} ` +
    paint("dim", shortHash(service.image.digest ?? service.image.id)),
    ...[...service.urls, ...service.ports].map((place) => `  reached  ${printable(place)}`),
    ...head(
      "Why it is not as wished",
      of.why.length > 0
        ? of.why.map((verdict) => verdictLine(verdict, now))
        : [reasonText(service.reason) || "it is as wished"],
    ),
    ...head("Last lines of its log", log),
    ...head("Containers", tableLines(slotColumns(now), of.slots, paint)),
    ...head(
      "Routes",
      of.routes.map((route) =>
        `${printable(route.urls.join(", ") || `${route.host ?? "any"}${route.path}`)} -> ` +
        `port ${route.port}: ${route.live ? "live" : `not live: ${reasonText(route.reason)}`}`
      ),
    ),
    ...head(
      "Volumes",
      of.volumes.map((volume) =>
        `${volume.name}: ${volume.state} (${volume.engineName} in Podman)`
      ),
    ),
    ...head("Wanted", of.wanted.map((field) => printable(`${field.field}: ${field.value}`))),
    ...head(
      "Changes",
      of.changes.map((change) =>
        printable(`${agoText(change.at, now)} ago, ${change.who}: ${change.summary}`)
      ),
    ),
    ...head("Events", tableLines(SERVICE_EVENT_COLUMNS, events, paint)),
  ];
  return lines.join("\n") + "\n";
}

/** Nobody needs to read its log to know why it is as it is. */
function isWell(stage: Stage): boolean {
  return stageTone(stage) === "good";
}

/** Adds `describe`. */
export function addDescribe(program: Command, cli: Cli): void {
  const describe = program.command("describe").description("everything about one thing");
  const service = subcommand(
    describe,
    "service <names...>",
    "services: what is wanted, what is, and why they differ",
    { output: true },
  );
  examples(service, "skerry describe service web", "skerry describe service db -p shop -o yaml");
  service.action((names: string[], _options: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api);
      const found: Description[] = [];
      for (const name of names) found.push(await api.describeService(project, serviceName(name)));
      const format = sharedOptions(command).output ?? "table";
      const now = cli.host.clock.now();
      if (format !== "table") {
        return cli.host.terminal.out(
          await machineText(format, found.length === 1 ? found[0] : found),
        );
      }
      const texts: string[] = [];
      for (const each of found) {
        const { name: of, stage } = each.service;
        const log = isWell(stage) ? [] : await lastLines(api, project, of);
        texts.push(describeText(each, now, cli.paint, log, await lastEvents(api, project, of)));
      }
      cli.host.terminal.out(texts.join("\n"));
    })
  );
}
