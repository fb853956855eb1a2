import assert from "node:assert/strict";
import { KeyId, makeId } from "../../shared/model/ids.ts";
import { createReplays } from "./replays.ts";

const key = KeyId.parse(makeId("key", new Uint8Array(32)));

function marks() {
  const kept = new Map<KeyId, bigint>();
  let writes = 0;
  return {
    writes: () => writes,
    requestMark: (id: KeyId) => kept.get(id) ?? null,
    setRequestMark(id: KeyId, mark: bigint) {
      writes++;
      kept.set(id, mark);
    },
  };
}

Deno.test("after a crash nothing that was taken is taken again; a node that skips a block gets in", () => {
  const store = marks();
  const before = createReplays(store);
  for (let counter = 5n; counter < 1_500n; counter++) assert.ok(before.use(key, counter));
  assert.equal(store.writes(), 2, "a write for each block alone");
  const after = createReplays(store);
  for (let counter = 0n; counter < 1_500n; counter++) assert.ok(!after.use(key, counter));
  assert.ok(after.use(key, 1_500n + 1_024n));
});

Deno.test("a planned end stores how far the key is, so that the next counter is taken", () => {
  const store = marks();
  const before = createReplays(store);
  assert.ok(before.use(key, 40n));
  assert.ok(!before.use(key, 40n));
  before.close();
  const after = createReplays(store);
  for (const used of [0n, 39n, 40n]) assert.ok(!after.use(key, used));
  assert.ok(after.use(key, 41n));
});
