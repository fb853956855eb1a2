import assert from "node:assert/strict";
import { createBell } from "./bell.ts";

Deno.test("a ring between a look and the wait is not lost, and wakes its subject alone", async () => {
  const bell = createBell();
  const one = bell.listen("one");
  const two = bell.listen("two");
  bell.ring("one");
  assert.equal(await one.wait(60_000), "rung");
  assert.equal(await two.wait(1), "timeout");
  const waiting = one.wait(60_000);
  bell.ringAll();
  assert.equal(await waiting, "rung");
  const abort = new AbortController();
  const aborted = two.wait(60_000, abort.signal);
  abort.abort();
  assert.equal(await aborted, "rung", "ringAll was heard before");
  assert.equal(await two.wait(60_000, abort.signal), "timeout");
  one.close();
  two.close();
});
