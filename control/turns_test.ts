import assert from "node:assert/strict";
import { createTurns } from "./turns.ts";

Deno.test("work of one key comes one after the other, also after a failure; other keys do not wait", async () => {
  const turns = createTurns();
  const said: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take("a", async () => {
    said.push("first begins");
    await gate.promise;
    said.push("first ends");
    throw new Error("no");
  });
  const second = turns.take("a", async () => said.push("second"));
  const third = turns.take("a", async () => said.push("third"));
  await turns.take("b", async () => said.push("other"));
  gate.resolve();
  await assert.rejects(first, /no/);
  await Promise.all([second, third]);
  assert.deepEqual(said, ["first begins", "other", "first ends", "second", "third"]);
});
