import assert from "node:assert/strict";
import { openDatabase } from "../../shared/sqlite/database.ts";
import { createStore } from "./store.ts";

Deno.test("of the log of changes the newest are kept", () => {
  const database = openDatabase(":memory:");
  const store = createStore(database, () => undefined);
  const told = () => store.changes.list({ project: null, limit: 100 }).map((each) => each.at);
  const add = (at: number) =>
    store.changes.add({ at, who: "root", action: "a", project: null, subject: "s", summary: "" });
  store.forgetting.changes(3);
  for (let at = 1; at <= 5; at++) add(at);
  store.forgetting.changes(5);
  assert.deepEqual(told(), [5, 4, 3, 2, 1]);
  store.forgetting.changes(3);
  store.forgetting.changes(3);
  assert.deepEqual(told(), [5, 4, 3]);
  add(6);
  assert.deepEqual(told(), [6, 5, 4, 3]);
  database.close();
});
