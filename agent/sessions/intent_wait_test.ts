import assert from "node:assert/strict";
import { createIntentWait } from "./intent_wait.ts";

Deno.test("who waits for a revision goes on with it or a later one", async () => {
  const intents = createIntentWait();
  const never = new AbortController().signal;
  const order: string[] = [];
  const two = intents.when(2, never).then(() => order.push("two"));
  const five = intents.when(5, never).then(() => order.push("five"));
  intents.reached(1);
  intents.reached(3);
  await two;
  assert.deepEqual(order, ["two"]);
  await intents.when(3, never);
  intents.reached(6);
  await five;
  assert.deepEqual(order, ["two", "five"]);
});

Deno.test("a wait ends with its signal", async () => {
  const intents = createIntentWait();
  const stop = new AbortController();
  const wait = intents.when(1, stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(wait, /enough/);
  await assert.rejects(intents.when(1, stop.signal), /enough/);
  intents.reached(1);
  await intents.when(1, stop.signal);
});
