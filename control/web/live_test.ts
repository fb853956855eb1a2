import assert from "node:assert/strict";
import { createBell } from "../bell.ts";
import type { Caller } from "../authz/caller.ts";
import { createLive } from "./live.ts";

const CHANGES = 30;

Deno.test("a reader who takes nothing for a while is told of the newest change, and of no more than fits", async () => {
  const stateBell = createBell();
  const closing = new AbortController();
  const caller: Caller = { kind: "root", via: "socket" };
  let made = 0;
  let rendered = Promise.withResolvers<void>();
  const live = createLive({
    stateBell,
    closing: closing.signal,
    loginAddress: () => "/login",
    rightsEnd: () => null,
    gatherMs: 0,
    beatMs: 50,
    async render() {
      made = Math.min(CHANGES, made + 1);
      rendered.resolve();
      return { html: "", status: 200, hash: `${made}` };
    },
  });
  const { body } = live.follow({
    address: "/",
    caller,
    host: "box",
    identify: async () => caller,
    have: "",
  });
  while (made < CHANGES) {
    await rendered.promise;
    rendered = Promise.withResolvers();
    stateBell.ringAll();
  }
  // All of it is told, or not, before anything is read.
  await new Promise((resolve) => setTimeout(resolve));
  const told: string[] = [];
  let beats = 0;
  for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const hash = /^event: changed\ndata: (\d+)/.exec(text)?.[1];
    if (hash !== undefined) told.push(hash);
    // The first one comes with the stream, the next when all changes were told.
    else if (++beats === 2) break;
  }
  assert.equal(told.at(-1), `${CHANGES}`);
  assert(told.length <= 10, told.join());
  assert.deepEqual(told, told.toSorted((one, other) => Number(one) - Number(other)));
  closing.abort();
  stateBell.ringAll();
});
