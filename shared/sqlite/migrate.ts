/** Numbered migrations: `user_version` counts those that a database has been through. */
import { z } from "zod";
import { SkerryError } from "../errors.ts";
import type { Database } from "./database.ts";

/** One step; its place in the list plus one is its number. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

const Version = z.object({ user_version: z.number() });

/** How many migrations a database has been through. */
export function schemaVersion(database: Database): number {
  return database.get(Version, "PRAGMA user_version")?.user_version ?? 0;
}

/**
 * Brings a database up to date, each step in a transaction of its own. A database from a newer
 * program is left as it is where it is at most `tolerated` steps ahead (expand, then contract),
 * else it is an error `database_too_new`.
 */
export function migrate(
  database: Database,
  migrations: readonly Migration[],
  tolerated = 1,
): void {
  const at = schemaVersion(database);
  if (at > migrations.length + tolerated) {
    throw new SkerryError(
      "database_too_new",
      `the database has schema ${at}, this program knows ${migrations.length}`,
      "Use the program that wrote it, or a newer one.",
    );
  }
  for (let number = at + 1; number <= migrations.length; number++) {
    const step = migrations[number - 1];
    if (step === undefined) break;
    database.transaction(() => {
      database.script(step.sql);
      database.script(`PRAGMA user_version=${number}`);
    });
  }
}

const Definition = z.object({ sql: z.string() });

/** The definitions of all tables and indexes, sorted, with white space evened out: to compare two schemas. */
export function schemaOf(database: Database): string[] {
  return database.all(
    Definition,
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
  ).map((row) => row.sql.replace(/\s+/g, " ").replace(/\s*([(),])\s*/g, "$1").trim()).sort();
}
