import assert from "node:assert/strict";
import fc from "fast-check";
import { type SegmentInfo, segmentsToDrop, toForget } from "./budget.ts";

const segmentsArb = fc.uniqueArray(
  fc.record({
    deployment: fc.constantFrom("a", "b", "c"),
    number: fc.integer({ min: 1, max: 20 }),
    bytes: fc.integer({ min: 0, max: 100 }),
    changedAt: fc.nat(50),
    active: fc.boolean(),
  }),
  { selector: (s) => `${s.deployment}/${s.number}` },
);

const sum = (segments: readonly SegmentInfo[]): number =>
  segments.reduce((total, segment) => total + segment.bytes, 0);

Deno.test("after dropping, what may be dropped keeps both budgets, and active ones stay", () => {
  fc.assert(fc.property(segmentsArb, fc.nat(500), fc.nat(300), (segments, total, own) => {
    const dropped = new Set(
      segmentsToDrop(segments, { totalBytes: total, deploymentBytes: own }),
    );
    const left = segments.filter((segment) => !dropped.has(segment));
    assert.ok([...dropped].every((segment) => !segment.active));
    const idle = left.filter((segment) => !segment.active);
    assert.ok(sum(left) <= total || idle.length === 0);
    for (const name of ["a", "b", "c"]) {
      const mine = left.filter((segment) => segment.deployment === name);
      assert.ok(sum(mine) <= own || mine.every((segment) => segment.active));
    }
  }));
});

Deno.test("the oldest goes first, of a deployment the lowest number", () => {
  const segment = (deployment: string, number: number, changedAt: number): SegmentInfo => ({
    deployment,
    number,
    bytes: 10,
    changedAt,
    active: false,
  });
  const segments = [segment("a", 2, 20), segment("b", 1, 5), segment("a", 1, 10)];
  const names = (total: number, own: number) =>
    segmentsToDrop(segments, { totalBytes: total, deploymentBytes: own })
      .map(({ deployment, number }) => `${deployment}${number}`);
  assert.deepEqual(names(20, 100), ["b1"]);
  assert.deepEqual(names(10, 100), ["b1", "a1"]);
  assert.deepEqual(names(100, 10), ["a1"]);
  assert.deepEqual(names(100, 100), []);
});

const pastArb = fc.array(fc.record({
  slot: fc.constantFrom("shop/web/1", "shop/web/2", "shop/db/1"),
  changedAt: fc.option(fc.nat(20)),
}));

Deno.test("of each slot the newest logs stay, and none without a line", () => {
  fc.assert(fc.property(pastArb, fc.nat(5), fc.nat(8), (past, ofSlot, inAll) => {
    const forgotten = new Set(toForget(past, { ofSlot, inAll }));
    const kept = past.filter((log) => !forgotten.has(log));
    assert.ok(kept.every(({ changedAt }) => changedAt !== null));
    assert.ok(kept.length <= inAll);
    for (const [slot, logs] of Map.groupBy(past, (log) => log.slot)) {
      const mine = kept.filter((log) => log.slot === slot);
      assert.ok(mine.length <= ofSlot);
      const oldest = Math.min(...mine.map(({ changedAt }) => changedAt ?? 0));
      const gone = logs.filter((log) => forgotten.has(log) && log.changedAt !== null);
      if (mine.length > 0) assert.ok(gone.every(({ changedAt }) => (changedAt ?? 0) <= oldest));
    }
    // Nothing goes without need.
    const room = past.length <= inAll &&
      [...Map.groupBy(past, (log) => log.slot).values()].every((logs) => logs.length <= ofSlot);
    if (room) assert.ok([...forgotten].every(({ changedAt }) => changedAt === null));
  }));
});

Deno.test("a service that is applied over and over pushes out no other one's log", () => {
  const busy = Array.from({ length: 10 }, (_, n) => ({ slot: "shop/web/1", changedAt: 100 + n }));
  const quiet = { slot: "shop/db/1", changedAt: 1 };
  const forgotten = toForget([...busy, quiet], { ofSlot: 3, inAll: 5 });
  assert.deepEqual(forgotten, busy.slice(0, 7));
});
