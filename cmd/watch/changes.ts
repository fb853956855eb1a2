/** What became of rows from one look to the next. Pure. */

/** As kubectl names them. */
export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

export interface Change<Row> {
  readonly type: ChangeType;
  readonly key: string;
  /** Of a deleted one: as it was last. */
  readonly row: Row;
}

/** What tells rows apart, and whether one of them changed. */
export interface Identity<Row> {
  /** The same as long as it is the same thing. */
  key(row: Row): string;
  /** What of it counts as a change; absent: all of it. */
  content?(row: Row): unknown;
}

/** In the order of the rows; what is gone comes last, in its old order. */
export function changesBetween<Row>(
  before: readonly Row[],
  after: readonly Row[],
  { key, content = (row) => row }: Identity<Row>,
): readonly Change<Row>[] {
  const old = new Map(before.map((row) => [key(row), row]));
  const changes: Change<Row>[] = [];
  const there = new Set<string>();
  for (const row of after) {
    const id = key(row);
    there.add(id);
    const was = old.get(id);
    if (was === undefined) changes.push({ type: "ADDED", key: id, row });
    else if (JSON.stringify(content(was)) !== JSON.stringify(content(row))) {
      changes.push({ type: "MODIFIED", key: id, row });
    }
  }
  for (const [id, row] of old) if (!there.has(id)) changes.push({ type: "DELETED", key: id, row });
  return changes;
}
