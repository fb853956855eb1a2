/** A list that is watched: a table that changes in place, else what changed, line by line. */
import { type Cli, roomOf } from "../cli.ts";
import { type Column, createGoingTable, tableLines } from "../output/table.ts";
import { type Change, changesBetween, type Identity } from "./changes.ts";
import { canRedraw, createScreen } from "./screen.ts";

/** How a kind of rows is shown. */
export interface RowsShown<Row> extends Identity<Row> {
  /** Made anew for each drawing: ages go on. */
  columns(): readonly Column<Row>[];
  /** What is said where there are none. */
  readonly none: string;
}

/** For so long a row that changed is marked. */
const MARKED_MS = 5_000;
/** Ages go on while nothing changes. */
const TICK_MS = 1_000;

interface Shown<Row> {
  show(rows: readonly Row[], changes: readonly Change<Row>[]): void;
  close(): void;
}

/** One document a line: what became of a row, and the row. */
function asJson<Row>(cli: Cli): Shown<Row> {
  return {
    show(_rows, changes) {
      for (const { type, row } of changes) {
        cli.host.terminal.out(JSON.stringify({ type, object: row }) + "\n");
      }
    },
    close() {},
  };
}

/** The whole table once, then rows as they change. */
function asLines<Row>(cli: Cli, { columns, none }: RowsShown<Row>): Shown<Row> {
  const { terminal } = cli.host;
  const table = createGoingTable<Row>(cli.paint);
  let first = true;
  return {
    show(rows, changes) {
      if (first && rows.length === 0) terminal.err(none + "\n");
      first = false;
      const gone = changes.filter(({ type }) => type === "DELETED").map(({ row }) => row);
      const stayed = changes.filter(({ type }) => type !== "DELETED").map(({ row }) => row);
      const lines = [
        ...table.lines(columns(), stayed),
        ...table.lines(columns(), gone).map((line) => `${line}  (gone)`),
      ];
      for (const line of lines) terminal.out(line + "\n");
    },
    close() {},
  };
}

function asTable<Row>(cli: Cli, { columns, none, key }: RowsShown<Row>): Shown<Row> {
  const { terminal, clock } = cli.host;
  const screen = createScreen(terminal);
  const changedAt = new Map<string, number>();
  let rows: readonly Row[] | null = null;
  const draw = () => {
    if (rows === null) return;
    const now = clock.now();
    const marked = (row: Row) => now - (changedAt.get(key(row)) ?? -MARKED_MS) < MARKED_MS;
    const mark: Column<Row> = {
      title: " ",
      cell: (row) => marked(row) ? { text: "*", tone: "strong" } : " ",
    };
    screen.draw(
      rows.length === 0
        ? [none]
        : tableLines([mark, ...columns()], rows, cli.paint, roomOf(terminal)),
    );
  };
  const ticking = setInterval(draw, TICK_MS);
  const stop = cli.host.onResize(() => {
    screen.resized();
    draw();
  });
  return {
    show(next, changes) {
      // At first all is new, and nothing has changed.
      if (rows !== null) { for (const { key } of changes) changedAt.set(key, clock.now()); }
      rows = next;
      for (const { type, key } of changes) if (type === "DELETED") changedAt.delete(key);
      draw();
    },
    close() {
      clearInterval(ticking);
      stop();
    },
  };
}

/** Shows each of the answers until they end. */
export async function watchRows<Row>(
  cli: Cli,
  format: "table" | "json",
  shown: RowsShown<Row>,
  answers: AsyncIterable<readonly Row[]>,
): Promise<void> {
  const live = format === "table" && canRedraw(cli.host.terminal, cli.host.env);
  const view = format === "json"
    ? asJson<Row>(cli)
    : live
    ? asTable(cli, shown)
    : asLines(cli, shown);
  let before: readonly Row[] = [];
  let first = true;
  try {
    for await (const rows of answers) {
      const changes = changesBetween(before, rows, shown);
      if (first || changes.length > 0 || live) view.show(rows, changes);
      before = rows;
      first = false;
    }
  } finally {
    view.close();
  }
}
