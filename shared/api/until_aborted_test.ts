import assert from "node:assert/strict";
import { streamUntilAborted, untilAborted } from "./until_aborted.ts";

Deno.test("an abort ends a wait for what never comes; without one the value is given", async () => {
  const stop = new AbortController();
  assert.equal(await untilAborted(Promise.resolve(7), stop.signal), 7);
  assert.equal(await untilAborted(Promise.resolve(7), undefined), 7);
  const waiting = untilAborted(new Promise(() => undefined), stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(untilAborted(Promise.resolve(7), stop.signal), /enough/);
});

Deno.test("an abort ends a stream's reader, and its source hears of it", async () => {
  const stop = new AbortController();
  const cancelled = Promise.withResolvers<unknown>();
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array([1])),
    cancel: cancelled.resolve,
  });
  const reader = streamUntilAborted(source, stop.signal).getReader();
  assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
  const next = reader.read();
  stop.abort(new Error("enough"));
  await assert.rejects(next, /enough/);
  assert.match(String(await cancelled.promise), /enough/);
});
