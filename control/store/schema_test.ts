import assert from "node:assert/strict";
import { openDatabase } from "../../shared/sqlite/database.ts";
import { migrate, schemaOf } from "../../shared/sqlite/migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import schema from "./schema.sql" with { type: "text" };

Deno.test("all migrations together make schema.sql", () => {
  const migrated = openDatabase(":memory:");
  const made = openDatabase(":memory:");
  migrate(migrated, MIGRATIONS);
  made.script(schema);
  assert.deepEqual(schemaOf(migrated), schemaOf(made));
  migrated.close();
  made.close();
});

Deno.test("migrating from the dump of each earlier step makes schema.sql, rows kept", async () => {
  const folder = new URL("./testdata/dumps/", import.meta.url);
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  names.sort();
  assert.equal(names.length, MIGRATIONS.length, "a dump is missing in testdata/dumps");
  for (const name of names) {
    const database = openDatabase(":memory:");
    database.script(await Deno.readTextFile(new URL(name, folder)));
    migrate(database, MIGRATIONS);
    const made = openDatabase(":memory:");
    made.script(schema);
    assert.deepEqual(schemaOf(database), schemaOf(made), name);
    database.close();
    made.close();
  }
});
