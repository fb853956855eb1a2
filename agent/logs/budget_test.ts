import assert from "node:assert/strict";
import fc from "fast-check";
import { type SegmentInfo, segmentsToDrop } from "./budget.ts";

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
