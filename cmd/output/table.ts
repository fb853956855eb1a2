/** Tables in plain text: columns as wide as their widest cell, two spaces between. */
import { type Paint, printable, type Tone } from "../terminal.ts";
import { fitWidths, GAP, tableWidth, widthOf, wrapText } from "./fit.ts";

export interface Cell {
  readonly text: string;
  readonly tone: Tone | null;
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Cell | string;
  /** It may be left out where there is no room for all, the least of them first. */
  readonly spare?: number;
}

/** In a column that is narrower, sentences are no longer read with ease. */
const READABLE = 24;
/** Stands where there is nothing. */
const EMPTY = "-";

function cellOf(cell: Cell | string): Cell {
  const { text, tone } = typeof cell === "string" ? { text: cell, tone: null } : cell;
  return { text: text === "" ? EMPTY : printable(text), tone };
}

/**
 * Without spare columns, as many as it takes for the others to stay whole. The last column, which
 * says why, is not counted: it can stand below.
 */
function withoutSpare<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  room: number,
): readonly Column<Row>[] {
  const widths = new Map(columns.map((column) => [
    column,
    Math.max(
      widthOf(column.title),
      ...rows.map((row) => widthOf(cellOf(column.cell(row)).text)),
    ),
  ]));
  const last = columns.at(-1);
  let shown = columns;
  const isTooWide = () =>
    tableWidth(shown.flatMap((each) => each === last ? [] : [widths.get(each) ?? 0])) > room;
  while (isTooWide()) {
    const [least] = shown.filter(({ spare }) => spare !== undefined)
      .sort((a, b) => (a.spare ?? 0) - (b.spare ?? 0));
    if (least === undefined) break;
    shown = shown.filter((each) => each !== least);
  }
  return shown;
}

interface Laid {
  readonly lines: string[];
  readonly widths: readonly number[];
}

/** One row, in as many lines as its longest cell takes. */
function rowLines(row: readonly Cell[], widths: readonly number[], paint: Paint): string[] {
  const wrapped = row.map((cell, at) => wrapText(cell.text, widths[at] ?? 0));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const texts = wrapped.map((lines) => lines[line] ?? "");
    const last = Math.max(0, texts.findLastIndex((text) => text !== ""));
    return texts.slice(0, last + 1).map((text, at) => {
      const fill = at === last ? "" : " ".repeat((widths[at] ?? 0) - widthOf(text) + GAP);
      return paint(row[at]?.tone ?? null, text) + fill;
    }).join("");
  });
}

function laidOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
  { atLeast = [], room }: { readonly atLeast?: readonly number[]; readonly room: number },
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
  const fitted = fitWidths(widths, titles.map(({ text }) => widthOf(text)), room);
  const used = columns.filter((_, at) => cells.some((row) => row[at]?.text !== EMPTY));
  if (fitted !== widths && used.length > 0 && used.length < columns.length) {
    return laidOut(used, rows, paint, { room });
  }
  const squeezed = (fitted.at(-1) ?? 0) < Math.min(READABLE, widths.at(-1) ?? 0);
  if ((squeezed || tableWidth(fitted) > room) && columns.length > 2) {
    return lastBelow(columns, rows, paint, room);
  }
  return { lines: [titles, ...cells].flatMap((row) => rowLines(row, fitted, paint)), widths };
}

/** Of what stands below its row. */
const BELOW = "    ";

/** The last column, which says why, stands below each row. */
function lastBelow<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
  room: number,
): Laid {
  const last = columns.at(-1);
  const rest = columns.slice(0, -1);
  const cells = rows.map((row) => rest.map((column) => cellOf(column.cell(row))));
  const titles = rest.map((column) => ({ text: column.title, tone: "dim" as const }));
  const widths = titles.map(({ text }, at) =>
    Math.max(widthOf(text), ...cells.map((row) => widthOf(row[at]?.text ?? "")))
  );
  const fitted = fitWidths(widths, titles.map(({ text }) => widthOf(text)), room);
  const lines = rowLines(titles, fitted, paint);
  for (const [at, row] of rows.entries()) {
    lines.push(...rowLines(cells[at] ?? [], fitted, paint));
    const { text, tone } = cellOf(last?.cell(row) ?? "");
    if (text === EMPTY) continue;
    const wrapped = wrapText(text, Math.max(1, room - BELOW.length));
    lines.push(...wrapped.map((line) => BELOW + paint(tone, line)));
  }
  return { lines, widths };
}

/**
 * The lines of a table, title first; without rows only the title.
 * @param room width of the terminal: in a narrow one spare columns, and those without anything, are
 *   left out, and long texts are wrapped
 */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
  room = Number.POSITIVE_INFINITY,
): string[] {
  return laidOut(withoutSpare(columns, rows, room), rows, paint, { room }).lines;
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
      const laid = laidOut(columns, rows, paint, {
        atLeast: widths ?? [],
        room: Number.POSITIVE_INFINITY,
      });
      const lines = widths === null ? laid.lines : laid.lines.slice(1);
      widths = laid.widths;
      return lines;
    },
  };
}
