import assert from "node:assert/strict";
import { z } from "zod";
import { openDatabase } from "./database.ts";
import { migrate, schemaVersion } from "./migrate.ts";

const Row = z.object({ n: z.number() });

Deno.test("a transaction that throws leaves nothing behind", () => {
  const database = openDatabase(":memory:");
  database.script("CREATE TABLE t (n INTEGER NOT NULL)");
  assert.throws(() =>
    database.transaction(() => {
      database.run("INSERT INTO t VALUES (1)");
      throw new Error("no");
    })
  );
  assert.deepEqual(database.all(Row, "SELECT n FROM t"), []);
  database.transaction(() => database.run("INSERT INTO t VALUES (2)"));
  assert.deepEqual(database.all(Row, "SELECT n FROM t"), [{ n: 2 }]);
  database.close();
});

Deno.test("migrations run once, and a database from the far future is refused", () => {
  const database = openDatabase(":memory:");
  const steps = [{ name: "one", sql: "CREATE TABLE t (n INTEGER)" }];
  migrate(database, steps);
  migrate(database, steps);
  assert.equal(schemaVersion(database), 1);
  database.script("PRAGMA user_version=9");
  assert.throws(() => migrate(database, steps), { code: "database_too_new" });
  database.close();
});

Deno.test("a damaged file is named with the way out, and stays as it is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/control.db`;
    const garbage = new TextEncoder().encode("this is not a database ".repeat(500));
    await Deno.writeFile(path, garbage);
    assert.throws(() => openDatabase(path), (error: Error & { code?: string }) => {
      assert.equal(error.code, "database_corrupt");
      assert.match(error.message, /control\.db/);
      return true;
    });
    assert.deepEqual(await Deno.readFile(path), garbage);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a full disk is told as such; nothing that was stored is lost, and it goes on", () => {
  const database = openDatabase(":memory:");
  database.script("CREATE TABLE kept (data BLOB); PRAGMA max_page_count=20;");
  const add = (bytes: number) =>
    database.transaction(() => {
      database.run("INSERT INTO kept VALUES (?)", new Uint8Array(1000));
      database.run("INSERT INTO kept VALUES (?)", new Uint8Array(bytes));
    });
  const count = () =>
    database.get(z.object({ n: z.number() }), "SELECT count(*) AS n FROM kept")?.n;
  add(1000);
  assert.throws(() => add(500_000), { code: "database_full" });
  assert.equal(count(), 2);
  database.script("PRAGMA max_page_count=1000;");
  add(500_000);
  assert.equal(count(), 4);
  database.close();
});

Deno.test("what found no space is done once more where room can be made, all of it and only once", () => {
  let room = 1;
  let bound = 20;
  const database = openDatabase(":memory:", {
    makeRoom() {
      if (room === 0) return false;
      room -= 1;
      bound += 200;
      database.script(`PRAGMA max_page_count=${bound};`);
      return true;
    },
  });
  database.script(`CREATE TABLE kept (data BLOB); PRAGMA max_page_count=${bound};`);
  let runs = 0;
  const add = (bytes: number) =>
    database.transaction(() => {
      runs += 1;
      database.run("INSERT INTO kept VALUES (?)", new Uint8Array(1000));
      database.run("INSERT INTO kept VALUES (?)", new Uint8Array(bytes));
    });
  const count = () =>
    database.get(z.object({ n: z.number() }), "SELECT count(*) AS n FROM kept")?.n;
  add(500_000);
  assert.deepEqual([count(), runs, room], [2, 2, 0]);
  assert.throws(() => add(500_000), { code: "database_full" });
  assert.deepEqual([count(), runs], [2, 3]);
  room = 1;
  database.run("INSERT INTO kept VALUES (?)", new Uint8Array(500_000));
  assert.deepEqual([count(), room], [3, 0]);
  room = 1;
  assert.throws(
    () =>
      database.transaction(() => {
        throw new Error("something else");
      }),
    /something else/,
  );
  assert.equal(room, 1);
  database.close();
});
