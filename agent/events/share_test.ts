import assert from "node:assert/strict";
import fc from "fast-check";
import type { NodeEvent } from "../../shared/model/event.ts";
import { encodeLine, type Line } from "./journal.ts";
import { keptOf, shareOf } from "./share.ts";

const SERVICES = ["a", "b", "c", null] as const;

const lines = fc.array(
  fc.array(fc.tuple(fc.constantFrom(...SERVICES), fc.nat(300)), { maxLength: 4 }),
  { maxLength: 40 },
).map((turns) =>
  turns.map((events, n): Line => ({
    n,
    whole: n % 7 === 0,
    facts: { intent: { kind: "intent", revision: n, epoch: 1 } },
    events: events.map(([service, length], at): NodeEvent => ({
      at: n * 10 + at,
      kind: "exited",
      subject: service === null ? null : { project: "p", service, slot: 1, deployment: null },
      message: "x".repeat(length),
    })),
  }))
);

const of = (lines: readonly Line[], service: string | null) =>
  lines.flatMap(({ events }) => events)
    .filter(({ subject }) => (subject?.service ?? null) === service).map(({ at }) => at);

Deno.test("of each service the newest are kept, in order, within the budget, and fairly", () => {
  fc.assert(fc.property(lines, fc.integer({ min: 1, max: 20_000 }), (all, budget) => {
    const kept = keptOf(all, budget);
    const bytes = kept.map(encodeLine).reduce((sum, line) => sum + line.length, 0);
    assert.ok(bytes <= budget, `${bytes} of ${budget}`);
    assert.deepEqual(kept.map(({ n }) => n), kept.map(({ n }) => n).toSorted((a, b) => a - b));
    const sizeOf = (service: string | null) =>
      all.flatMap(({ events }) => events)
        .filter(({ subject }) => (subject?.service ?? null) === service)
        .reduce((sum, event) => sum + JSON.stringify(event).length + 64, 0);
    for (const service of SERVICES) {
      const before = of(all, service);
      const after = of(kept, service);
      assert.deepEqual(after, before.slice(before.length - after.length));
      if (sizeOf(service) <= budget / SERVICES.length) assert.deepEqual(after, before);
    }
    // To share what was shared already drops nothing more, and nothing counts twice.
    assert.deepEqual(keptOf([...kept, ...kept], budget), kept);
  }));
});

Deno.test("a share is as large as it can be", () => {
  assert.equal(shareOf([], 10), Number.POSITIVE_INFINITY);
  assert.equal(shareOf([1, 2, 3], 6), Number.POSITIVE_INFINITY);
  assert.equal(shareOf([100, 1, 1], 10), 8);
  assert.equal(shareOf([100, 100], 10), 5);
});
