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

/** The lines of a table, title first; without rows only the title. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
): string[] {
  const cells = rows.map((row) => columns.map((column) => cellOf(column.cell(row))));
  const titles = columns.map((column) => ({ text: column.title, tone: "dim" as const }));
  const widths = columns.map((column, at) =>
    Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[at]?.text ?? "")))
  );
  const line = (row: readonly Cell[]) =>
    row.map((cell, at) => {
      const last = at === row.length - 1;
      const fill = last ? "" : " ".repeat((widths[at] ?? 0) - widthOf(cell.text) + 2);
      return paint(cell.tone, cell.text) + fill;
    }).join("");
  return [titles, ...cells].map(line);
}
