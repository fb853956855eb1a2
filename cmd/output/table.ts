/** Tables in plain text: columns as wide as their widest cell, two spaces between. */
import { type Paint, printable, type Tone } from "../terminal.ts";

export interface Cell {
  readonly text: string;
  readonly tone: Tone | null;
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Cell | string;
}

function cellOf(cell: Cell | string): Cell {
  const { text, tone } = typeof cell === "string" ? { text: cell, tone: null } : cell;
  return { text: text === "" ? "-" : printable(text), tone };
}

function widthOf(text: string): number {
  return [...text].length;
}

interface Laid {
  readonly lines: string[];
  readonly widths: readonly number[];
}

function laidOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
  atLeast: readonly number[],
): Laid {
  const cells = rows.map((row) => columns.map((column) => cellOf(column.cell(row))));
  const titles = columns.map((column) => ({ text: column.title, tone: "dim" as const }));
  const widths = columns.map((column, at) =>
    Math.max(
      atLeast[at] ?? 0,
      widthOf(column.title),
      ...cells.map((row) => widthOf(row[at]?.text ?? "")),
    )
  );
  const line = (row: readonly Cell[]) =>
    row.map((cell, at) => {
      const last = at === row.length - 1;
      const fill = last ? "" : " ".repeat((widths[at] ?? 0) - widthOf(cell.text) + 2);
      return paint(cell.tone, cell.text) + fill;
    }).join("");
  return { lines: [titles, ...cells].map(line), widths };
}

/** The lines of a table, title first; without rows only the title. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
): string[] {
  return laidOut(columns, rows, paint, []).lines;
}

/** A table that goes on: each time the lines of more rows, the title before the first. */
export interface GoingTable<Row> {
  lines(columns: readonly Column<Row>[], rows: readonly Row[]): string[];
}

/** Columns keep their width, or grow. */
export function createGoingTable<Row>(paint: Paint): GoingTable<Row> {
  let widths: readonly number[] | null = null;
  return {
    lines(columns, rows) {
      if (rows.length === 0) return [];
      const laid = laidOut(columns, rows, paint, widths ?? []);
      const lines = widths === null ? laid.lines : laid.lines.slice(1);
      widths = laid.widths;
      return lines;
    },
  };
}
