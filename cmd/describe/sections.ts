/** What descriptions of all kinds are made of: a title, fields, sections, tables, events. */
import type { NodeEvent } from "../../shared/model/event.ts";
import type { ReportedVerdict } from "../../shared/model/verdict.ts";
import type { ContainerView } from "../../shared/api/views.ts";
import { coalesced, REPEATED_EVENT_COLUMNS } from "../output/events.ts";
import { type Column, tableLines } from "../output/table.ts";
import { agoText, healthTone, reasonText, shortHash, stageTone } from "../output/words.ts";
import { type Paint, printable } from "../terminal.ts";

/** What a description is written with. */
export interface Pen {
  readonly now: number;
  readonly paint: Paint;
  /** How wide it may be. */
  readonly room: number;
  /** What happened to it, oldest first. */
  readonly events: readonly NodeEvent[];
  /** The last lines that it wrote, where it is not well. */
  readonly log: readonly string[];
}

/** The last so many different events are shown. */
const SHOWN_EVENTS = 20;

/** Of what stands in a section. */
const INDENT = 2;

/** A section, or nothing where it is empty. */
export function section({ paint }: Pen, title: string, lines: readonly string[]): string[] {
  return lines.length === 0
    ? []
    : ["", paint("strong", title), ...lines.map((line) => `  ${line}`)];
}

/** Names and values below each other; those without a value are left out. */
export function fieldLines(fields: readonly (readonly [string, string])[]): string[] {
  const shown = fields.filter(([, value]) => value !== "");
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`);
}

/** A section that is a table. */
export function tableSection<Row>(
  pen: Pen,
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string[] {
  return rows.length === 0
    ? []
    : section(pen, title, tableLines(columns, rows, pen.paint, pen.room - INDENT));
}

/** A verdict as people read it. */
export function verdictLine(verdict: ReportedVerdict, now: number): string {
  const since = verdict.since === undefined ? "" : ` (for ${agoText(verdict.since, now)})`;
  const remedy = verdict.remedy === undefined ? "" : `: ${verdict.remedy}`;
  const kind = verdict.kind === "do" ? "to be done" : verdict.kind;
  return printable(`${verdict.facet}: ${kind}: ${verdict.reason.message}${remedy}${since}`);
}

/** Why it is as it is. `otherwise`: what is said where the node says nothing. */
export function whySection(
  pen: Pen,
  why: readonly ReportedVerdict[],
  otherwise = "it is as wished",
): string[] {
  const lines = why.length === 0 ? [otherwise] : why.map((each) => verdictLine(each, pen.now));
  return section(pen, "Why it is so", lines);
}

/** What happened, in order; the same over and over is one line. */
export function eventSection(pen: Pen): string[] {
  return tableSection(
    pen,
    "Events",
    REPEATED_EVENT_COLUMNS,
    coalesced(pen.events).slice(-SHOWN_EVENTS),
  );
}

/** `3m ago (2026-01-31 12:00:00Z)` */
export function momentAgo(at: number | null, now: number): string {
  if (at === null) return "";
  return `${agoText(at, now)} ago (${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z)`;
}

/** Limits that it has or should have, one a line. */
export function limitLines({ limits }: Pick<ContainerView, "limits">, paint: Paint): string[] {
  return limits.map(({ name, wished, kernel, differs }) => {
    const has = kernel === null ? "" : ` (kernel: ${kernel})`;
    const line = wished === null ? `${name} not asked for${has}` : `${name} ${wished}${has}`;
    return differs ? paint("bad", `${line}: not as wished`) : line;
  });
}

/** How often it came to its limits since it was started. */
export function strainLines(
  { refusedProcesses, memoryKills }: Pick<ContainerView, "refusedProcesses" | "memoryKills">,
): string[] {
  return [
    ...refusedProcesses === 0
      ? []
      : [`${refusedProcesses} processes refused since its start: it has as many as it may`],
    ...memoryKills === 0
      ? []
      : [`${memoryKills} of its processes killed since its start: out of memory`],
  ];
}

/** Columns of containers of one service. */
export function slotColumns(now: number): readonly Column<ContainerView>[] {
  return [
    { title: "SLOT", cell: (row) => String(row.slot) },
    ...stateColumns(now),
  ];
}

/** Columns of containers of any service. */
export function containerColumns(now: number): readonly Column<ContainerView>[] {
  return [
    { title: "PROJECT", cell: (row) => row.project },
    { title: "SERVICE", cell: (row) => `${row.service}/${row.slot}` },
    ...stateColumns(now),
  ];
}

function stateColumns(now: number): readonly Column<ContainerView>[] {
  return [
    { title: "WANT", cell: (row) => row.want },
    { title: "STAGE", cell: (row) => ({ text: row.stage, tone: stageTone(row.stage) }) },
    { title: "HEALTH", cell: (row) => ({ text: row.health, tone: healthTone(row.health) }) },
    { title: "NODE", cell: (row) => row.node },
    { title: "ADDRESS", cell: (row) => row.addresses.join(", ") },
    { title: "STARTED", cell: (row) => agoText(row.container?.startedAt ?? null, now) },
    { title: "EXIT", cell: (row) => row.container?.exitCode?.toString() ?? "" },
    { title: "RESTARTS", cell: (row) => String(row.restarts) },
    { title: "CONTAINER", cell: (row) => shortHash(row.container?.id ?? null) },
    { title: "WHY", cell: (row) => row.pull ?? reasonText(row.reason) },
  ];
}

/** Lines as one text. */
export function textOf(lines: readonly string[]): string {
  return lines.join("\n") + "\n";
}
