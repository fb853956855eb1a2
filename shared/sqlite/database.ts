/**
 * A SQLite file that keeps what was acknowledged: WAL, synchronous=FULL, foreign keys. Rows are
 * read through zod, so that a schema that went astray is an error and not a surprise.
 */
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { z } from "zod";
import { FREE_SPACE } from "../disk_text.ts";
import { isNoSpace } from "../disk_space.ts";
import { messageOf, SkerryError } from "../errors.ts";

export type SqlValue = SQLInputValue;

export interface Database {
  /** All rows of a query. */
  all<S extends z.ZodType>(schema: S, sql: string, ...values: SqlValue[]): z.infer<S>[];
  /** The first row; null: none. */
  get<S extends z.ZodType>(schema: S, sql: string, ...values: SqlValue[]): z.infer<S> | null;
  /** Rows changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /** Several statements without values. */
  script(sql: string): void;
  /**
   * All or nothing: commits when `work` returns, rolls back when it throws. Not nested. `work` runs
   * twice where the disk was full at first and room could be made.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Statements that are kept prepared; beyond that the oldest goes. */
const PREPARED = 200;

function corrupt(path: string, detail: string, cause?: unknown): SkerryError {
  return new SkerryError(
    "database_corrupt",
    `the database "${path}" is damaged: ${detail}`,
    `Stop skerry, keep a copy of "${path}" with its -wal and -shm files, then put a backup in its ` +
      "place, or move the three files away to begin with an empty database (containers and " +
      "volumes stay on the box).",
    { cause },
  );
}

export interface DatabaseOptions {
  /** Called where the disk is full; true: there is room now, and what failed is tried once more. */
  makeRoom?(): boolean;
}

/** What a failed statement means to a person; other errors as they are. */
function failure(path: string, cause: unknown): unknown {
  // `exec` gives no result code in Deno 2.9, so the words of SQLite count.
  const message = messageOf(cause);
  const failed = /disk I\/O error/.test(message);
  if (!failed && !/database or disk is full/.test(message)) return cause;
  // It says so of a full disk too, where it is its shared memory that cannot grow.
  const way = failed
    ? "See whether its disk is sound (`dmesg | tail`) and has space (`df -h`)."
    : FREE_SPACE;
  return new SkerryError(
    "database_full",
    `cannot write the database "${path}": ${message}`,
    `Nothing of this was stored, and nothing that was stored before is lost. ${way}`,
    { cause },
  );
}

/**
 * Opens (or makes) a database and checks that it is whole. A damaged one is an error
 * `database_corrupt` with the way out; nothing is ever deleted here.
 * @param path a file, or `:memory:`
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  let connection: DatabaseSync;
  try {
    connection = new DatabaseSync(path);
  } catch (cause) {
    throw new SkerryError(
      "database_unavailable",
      `cannot open the database "${path}": ${messageOf(cause)}`,
      "Check that its folder exists, that it may be written to and that the disk is not full.",
      { cause },
    );
  }
  try {
    connection.exec(
      "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; " +
        "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;",
    );
    const found = connection.prepare("PRAGMA quick_check(5)").all()
      .map((row) => String(row["quick_check"]));
    if (found.length !== 1 || found[0] !== "ok") throw corrupt(path, found.join("; "));
  } catch (cause) {
    connection.close();
    if (cause instanceof SkerryError) throw cause;
    const message = messageOf(cause);
    if (/not a database|malformed|disk image/.test(message)) throw corrupt(path, message, cause);
    throw new SkerryError(
      "database_unavailable",
      `cannot use the database "${path}": ${message}`,
      "Check that no other program holds it and that the disk is not full.",
      { cause },
    );
  }

  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = connection.prepare(sql);
    prepared.set(sql, made);
    for (const oldest of prepared.keys()) {
      if (prepared.size <= PREPARED) break;
      prepared.delete(oldest);
    }
    return made;
  };
  // SQLite ends a transaction by itself where the disk is full: it cannot be asked.
  let within = false;
  const roomy = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      // Within a transaction all of it is tried again, by whoever began it.
      if (within || !isNoSpace(thrown) || !options.makeRoom?.()) throw thrown;
      return work();
    }
  };
  const once = <T>(work: () => T): T => {
    try {
      connection.exec("BEGIN IMMEDIATE");
      within = true;
      const result = work();
      connection.exec("COMMIT");
      return result;
    } catch (thrown) {
      // Where the disk is full SQLite has rolled back by itself.
      if (connection.isTransaction) connection.exec("ROLLBACK");
      throw failure(path, thrown);
    } finally {
      within = false;
    }
  };
  return {
    all: (schema, sql, ...values) =>
      statement(sql).all(...values).map((row) => schema.parse({ ...row })),
    get: (schema, sql, ...values) => {
      const row = statement(sql).get(...values);
      return row === undefined ? null : schema.parse({ ...row });
    },
    run(sql, ...values) {
      try {
        return roomy(() => Number(statement(sql).run(...values).changes));
      } catch (thrown) {
        throw failure(path, thrown);
      }
    },
    script: (sql) => connection.exec(sql),
    transaction: (work) => roomy(() => once(work)),
    close() {
      prepared.clear();
      connection.close();
    },
  };
}
