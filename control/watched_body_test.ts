import assert from "node:assert/strict";
import { createFakeClock } from "./testing/fake_clock.ts";
import { type BodyPace, watchedBody } from "./watched_body.ts";

const PACE: BodyPace = { wholeMs: null, leastBytes: 100, spanMs: 60_000 };

/** A body that comes as the test says. */
function sender() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const clock = createFakeClock();
  return {
    readable,
    clock,
    async send(bytes: number): Promise<void> {
      await writer.write(new Uint8Array(bytes));
    },
    end: () => writer.close(),
    gone: writer.closed.then(() => "ended", () => "cancelled"),
    /** Lets time pass once somebody waits. */
    async pass(ms: number): Promise<void> {
      while (clock.sleepers() === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      clock.advance(ms);
    },
  };
}

async function sizeOf(body: ReadableStream<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of body) size += chunk.length;
  return size;
}

Deno.test("a body that comes on slowly, with pauses, comes whole, however long it takes", async () => {
  const { readable, clock, send, end, pass } = sender();
  const size = sizeOf(watchedBody(readable, PACE, clock));
  for (let part = 0; part < 50; part++) {
    await pass(25_000);
    await send(50);
  }
  await end();
  assert.equal(await size, 2500);
});

Deno.test("one that drips, or stops, is refused, and its sender is let go of", async () => {
  const dripping = sender();
  const size = sizeOf(watchedBody(dripping.readable, PACE, dripping.clock));
  const refused = assert.rejects(size, { code: "too_slow", message: /100 bytes .* every 60 s/ });
  for (let part = 0; part < 3; part++) {
    await dripping.pass(20_000);
    if (part < 2) await dripping.send(10);
  }
  await refused;
  assert.equal(await dripping.gone, "cancelled");
});

Deno.test("one that has to be there within a time is refused after it, at whatever pace it comes", async () => {
  const { readable, clock, send, pass } = sender();
  const size = sizeOf(watchedBody(readable, { ...PACE, wholeMs: 20_000 }, clock));
  const refused = assert.rejects(size, { code: "too_slow", message: /within 20 s/ });
  await pass(15_000);
  await send(1_000_000);
  await pass(5_000);
  await refused;
});

Deno.test("time in which nobody reads does not count", async () => {
  const { readable, clock, send, end } = sender();
  const reader = watchedBody(readable, PACE, clock).getReader();
  clock.advance(3_600_000);
  const sent = send(7);
  assert.equal((await reader.read()).value?.length, 7);
  await sent;
  clock.advance(3_600_000);
  await end();
  assert.equal((await reader.read()).done, true);
  assert.equal(clock.sleepers(), 0);
});
