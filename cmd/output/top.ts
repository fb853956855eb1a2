/** What is used now, as `skerry top` shows it. Pure. */
import { bytesText } from "../../shared/bytes_text.ts";
import type { LatestView } from "../../shared/model/metrics.ts";
import type { Cell, Column } from "./table.ts";

export type UseRow = LatestView["containers"][number];

export const TOP_ORDERS = ["cpu", "memory", "network", "disk", "name"] as const;
export type TopOrder = (typeof TOP_ORDERS)[number];

/** From so much of what there is, a figure is marked. */
const MUCH = 0.8;
const MOST = 0.95;

function tone(part: number): Cell["tone"] {
  return part >= MOST ? "bad" : part >= MUCH ? "busy" : null;
}

function cpuText(cores: number | null): string {
  return cores === null ? "" : `${(cores * 100).toFixed(1)}%`;
}

function rateText(bytes: number | null): string {
  return bytes === null ? "" : `${bytesText(Math.round(bytes))}/s`;
}

function pairText(into: number | null, out: number | null): string {
  return into === null && out === null ? "" : `${rateText(into)} / ${rateText(out)}`;
}

/** Of a processor; by its limit, where it has one. */
function cpuCell({ values, bounds }: Pick<UseRow, "values" | "bounds">): Cell {
  const { cpu } = values;
  const part = cpu === null || bounds.cpu === null ? 0 : cpu / bounds.cpu;
  return { text: cpuText(cpu), tone: tone(part) };
}

function memoryText({ values, bounds }: Pick<UseRow, "values" | "bounds">): string {
  if (values.memory === null) return "";
  const limit = bounds.memory === null ? "" : ` / ${bytesText(bounds.memory)}`;
  return bytesText(values.memory) + limit;
}

function memoryCell(row: UseRow): Cell {
  const { memory } = row.values;
  const part = memory === null || row.bounds.memory === null ? 0 : memory / row.bounds.memory;
  return { text: memoryText(row), tone: tone(part) };
}

/** Columns of containers. */
export const TOP_COLUMNS: readonly Column<UseRow>[] = [
  { title: "PROJECT", cell: (row) => row.project },
  { title: "SERVICE", cell: (row) => `${row.service}/${row.slot}` },
  { title: "CPU", cell: cpuCell },
  { title: "MEMORY", cell: memoryCell },
  {
    title: "NETWORK IN / OUT",
    cell: ({ values }) => pairText(values.network_rx, values.network_tx),
  },
  {
    title: "DISK READ / WRITE",
    cell: ({ values }) => pairText(values.disk_read, values.disk_write),
  },
];

function weightOf({ values }: UseRow, order: Exclude<TopOrder, "name">): number {
  switch (order) {
    case "cpu":
      return values.cpu ?? 0;
    case "memory":
      return values.memory ?? 0;
    case "network":
      return (values.network_rx ?? 0) + (values.network_tx ?? 0);
    case "disk":
      return (values.disk_read ?? 0) + (values.disk_write ?? 0);
  }
}

/** Who uses most first; what uses the same by its name. */
export function topRows(rows: readonly UseRow[], order: TopOrder): readonly UseRow[] {
  const name = ({ project, service, slot }: UseRow) =>
    `${project}/${service}/${String(slot).padStart(6, "0")}`;
  const byName = (a: UseRow, b: UseRow) => name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0;
  if (order === "name") return [...rows].sort(byName);
  return [...rows].sort((a, b) => weightOf(b, order) - weightOf(a, order) || byName(a, b));
}

/** The node in a line: `box  CPU 12.0% of 2 cores  memory 1.2 GiB of 3.8 GiB  …`. */
export function nodeLine({ node, values, bounds }: LatestView): string {
  const of = (text: string, most: number | null) =>
    most === null ? text : `${text} of ${bytesText(most)}`;
  const part = (name: string, text: string) => text === "" ? [] : [`${name} ${text}`];
  const bytes = (value: number | null) => value === null ? "" : bytesText(value);
  const cores = bounds.cpu === null ? "" : ` of ${bounds.cpu} cores`;
  return [
    node,
    ...part("CPU", values.cpu === null ? "" : cpuText(values.cpu) + cores),
    ...part("memory", values.memory === null ? "" : of(bytes(values.memory), bounds.memory)),
    ...part("network", pairText(values.network_rx, values.network_tx)),
    ...part("disk", pairText(values.disk_read, values.disk_write)),
    ...part("full", values.disk_used === null ? "" : of(bytes(values.disk_used), bounds.disk_used)),
  ].join("  ");
}
