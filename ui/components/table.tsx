/** A table that becomes a list of cards where it is narrow. */
import type { Child, Markup } from "../markup.ts";

export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => Child;
  /** It names the row; one column of a table does. */
  readonly heads?: boolean;
  /** Numbers stand at the end. */
  readonly end?: boolean;
  /** Its text may take all the room there is, and wraps. */
  readonly wide?: boolean;
}

interface TableProps<Row> {
  /** Read out before the table; shown only where `showCaption` says so. */
  readonly caption: string;
  readonly showCaption?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Keeps a row itself over live changes; unique on the page. */
  readonly rowId?: (row: Row) => string;
  /** What stands in its place where there are no rows. */
  readonly empty?: Child;
}

/** From so many rows on, what is not to be seen yet is not laid out. */
const LONG_ROWS = 60;

function classOf<Row>({ end, wide }: Column<Row>): string | undefined {
  return end === true ? "end" : wide === true ? "wide" : undefined;
}

/** Rows with their columns' labels beside each cell for the narrow form. */
export function Table<Row>(
  { caption, showCaption, columns, rows, rowId, empty }: TableProps<Row>,
): Markup {
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <div
      class={rows.length < LONG_ROWS ? "table-room" : "table-room long"}
      data-rows={rows.length < LONG_ROWS ? undefined : rows.length}
    >
      <table>
        <caption class={showCaption === true ? undefined : "unseen"}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => <th scope="col" class={classOf(column)}>{column.label}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr id={rowId?.(row)}>
              {columns.map((column) =>
                column.heads === true
                  ? <th scope="row" data-label={column.label}>{column.cell(row)}</th>
                  : <td class={classOf(column)} data-label={column.label}>{column.cell(row)}</td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
