/** The table of faults: kept as JSON by row, written as Markdown. Pure. */
import { z } from "zod";

export const Row = z.strictObject({
  fault: z.string(),
  what: z.string(),
  runs: z.int().positive(),
  lost: z.int().nonnegative(),
  wrong: z.int().nonnegative(),
  /** Of the run's end, UTC. */
  date: z.string(),
  /** What was run; with `+` where the working tree held more than it. */
  commit: z.string(),
});
export type Row = z.infer<typeof Row>;

export const Results = z.array(Row);

/**
 * The rows of before with those of now in the place of their old ones.
 * @param others whether rows of the same fault that were not run stay
 */
export function merged(
  before: readonly Row[],
  now: readonly Row[],
  order: readonly string[],
  others: boolean,
): readonly Row[] {
  const keyOf = ({ fault, what }: Row) => `${fault} ${what}`;
  const again = new Map(now.map((row) => [keyOf(row), row]));
  const faults = new Set(now.map(({ fault }) => fault));
  const kept = before.flatMap((row) => {
    const anew = again.get(keyOf(row));
    again.delete(keyOf(row));
    if (anew !== undefined) return [anew];
    return order.includes(row.fault) && (others || !faults.has(row.fault)) ? [row] : [];
  });
  // Stable: within a fault the rows stay as they came.
  return [...kept, ...again.values()]
    .toSorted((a, b) => order.indexOf(a.fault) - order.indexOf(b.fault));
}

/** A Markdown table, its columns aligned as `deno fmt` would. */
export function tableOf(rows: readonly Row[]): string {
  const head = ["fault", "what is done", "runs", "lost", "wrong", "date", "commit"];
  const sum = (key: "runs" | "lost" | "wrong") => rows.reduce((all, row) => all + row[key], 0);
  const cells = [
    ...rows.map((row) => [
      `\`${row.fault}\``,
      row.what,
      ...[row.runs, row.lost, row.wrong].map(String),
      row.date,
      row.commit,
    ]),
    ["**all**", "", String(sum("runs")), `**${sum("lost")}**`, `**${sum("wrong")}**`, "", ""],
  ];
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...cells.map((row) => (row[column] ?? "").length))
  );
  const isNumber = (column: number) => column >= 2 && column <= 4;
  const line = (row: readonly string[]) =>
    `| ${
      row.map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
      ).join(" | ")
    } |`;
  const rule = `| ${
    widths.map((width, column) =>
      isNumber(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)
    )
      .join(" | ")
  } |`;
  return [line(head), rule, ...cells.map(line)].join("\n");
}

const START = "<!-- table: written by `deno task faults` -->";
const END = "<!-- /table -->";

/** The page with its table made anew; null: the page has no place for one. */
export function withTable(page: string, rows: readonly Row[]): string | null {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start < 0 || end < start) return null;
  return `${page.slice(0, start + START.length)}\n\n${tableOf(rows)}\n\n${page.slice(end)}`;
}
