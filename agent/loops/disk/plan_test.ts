import assert from "node:assert/strict";
import fc from "fast-check";
import type { DiskLimits, Space } from "../../../shared/model/disk.ts";
import { type CollectStep, goalsOf, type Holdings, planCollection } from "./plan.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const limits: DiskLimits = { highPercent: 85, lowPercent: 80, budgetBytes: null };
const space = (usedBytes: number, totalBytes = 100 * GIB): Space => ({
  totalBytes,
  usedBytes,
  freeBytes: totalBytes - usedBytes,
  inodes: 0,
  freeInodes: 0,
});
const image = (id: string, over: Partial<Holdings["images"][number]> = {}) => ({
  id,
  names: [`${id}:1`],
  bytes: 2 * GIB,
  keptFor: null,
  unusedSince: 0,
  ...over,
});
const log = (number: number, over: Partial<Holdings["logs"][number]> = {}) => ({
  deployment: "dep",
  number,
  bytes: 2 * MIB,
  changedAt: number,
  active: false,
  past: false,
  ...over,
});
const held = (over: Partial<Holdings>): Holdings => ({
  space: space(50 * GIB),
  imageBytes: 0,
  images: [],
  logs: [],
  events: [],
  fileBytes: 0,
  metricBytes: 0,
  ...over,
});
const named = (steps: readonly CollectStep[]) =>
  steps.map((step) => step.kind === "image" ? step.id : `${step.kind} ${step.number}`);

Deno.test("below the high mark and within the budget nothing goes", () => {
  const plan = planCollection(
    held({ space: space(84 * GIB), images: [image("a")], imageBytes: 2 * GIB }),
    { ...limits, budgetBytes: 3 * GIB },
  );
  assert.deepEqual(plan, { cause: null, steps: [], shortBytes: 0 });
});

Deno.test("over the high mark images go down to the low one: nameless, then longest unused", () => {
  const images = [
    image("new", { unusedSince: 30 }),
    image("old", { unusedSince: 10 }),
    image("layer", { names: [], unusedSince: 90 }),
    image("needed", { keptFor: "what is wanted runs from it" }),
  ];
  const plan = planCollection(held({ space: space(85 * GIB), images }), limits);
  assert.equal(plan.cause, "disk");
  // 5 GiB are to be freed.
  assert.deepEqual(named(plan.steps), ["layer", "old", "new"]);
  assert.equal(plan.shortBytes, 0);
  const less = planCollection(held({ space: space(85 * GIB), images: images.slice(1) }), limits);
  assert.deepEqual([named(less.steps), less.shortBytes], [["layer", "old"], GIB]);
});

Deno.test("a filling disk takes no logs, one at its end does: of what is gone first", () => {
  const logs = [log(1), log(2), log(9, { past: true }), log(3, { active: true })];
  const events = [{ number: 1, bytes: MIB, active: false }, { number: 2, bytes: 1, active: true }];
  assert.deepEqual(
    planCollection(held({ space: space(90 * GIB), logs, events }), limits).steps,
    [],
  );
  const plan = planCollection(held({ space: space(99.9 * GIB), logs, events }), limits);
  assert.equal(plan.cause, "full");
  assert.deepEqual(named(plan.steps), ["log 9", "log 1", "log 2", "events 1"]);
});

Deno.test("over the budget logs go too, yet not below an eighth of it", () => {
  const logs = Array.from({ length: 200 }, (_, i) => log(i + 1));
  const plan = planCollection(
    held({ imageBytes: 2 * GIB, images: [image("a", { keptFor: "needed" })], logs }),
    { ...limits, budgetBytes: GIB },
  );
  const left = logs.length - plan.steps.length;
  assert.equal(plan.cause, "budget");
  assert.equal(left * 2 * MIB, GIB / 8);
  assert.ok(plan.shortBytes > 0);
});

Deno.test("any holdings: what is needed and what is written to stays, in one order, no more than asked", () => {
  const bytes = fc.integer({ min: 1, max: 4 * GIB });
  const holdings = fc.record({
    used: fc.integer({ min: 0, max: 100 }),
    imageBytes: bytes,
    fileBytes: bytes,
    images: fc.array(fc.record({
      names: fc.array(fc.constantFrom("x:1", "y:1"), { maxLength: 2 }),
      bytes,
      keptFor: fc.constantFrom(null, "needed"),
      unusedSince: fc.integer({ min: 0, max: 9 }),
    })),
    logs: fc.array(fc.record({
      bytes,
      changedAt: fc.integer({ min: 0, max: 9 }),
      active: fc.boolean(),
      past: fc.boolean(),
    })),
    events: fc.array(fc.record({ bytes, active: fc.boolean() })),
    budget: fc.option(fc.integer({ min: 64 * MIB, max: 20 * GIB })),
  });
  fc.assert(fc.property(holdings, (made) => {
    const now = held({
      space: space(made.used * GIB),
      imageBytes: made.imageBytes,
      fileBytes: made.fileBytes,
      images: made.images.map((each, i) => image(`i${i}`, each)),
      logs: made.logs.map((each, i) => log(i, each)),
      events: made.events.map((each, number) => ({ ...each, number })),
    });
    const own = { ...limits, budgetBytes: made.budget };
    const plan = planCollection(now, own);
    const goal = goalsOf(now, own).images;
    let freed = 0;
    for (const step of plan.steps) {
      assert.ok(freed < goal, "a step after enough was freed");
      freed += step.bytes;
      switch (step.kind) {
        case "image":
          assert.equal(now.images.find(({ id }) => id === step.id)?.keptFor, null);
          break;
        case "log":
          assert.equal(now.logs.find(({ number }) => number === step.number)?.active, false);
          break;
        case "events":
          assert.equal(now.events.find(({ number }) => number === step.number)?.active, false);
      }
    }
    const ids = plan.steps.map((step) => JSON.stringify(step));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(plan.shortBytes, Math.max(0, goal - freed));
    const shuffled = {
      ...now,
      images: now.images.toReversed(),
      logs: now.logs.toReversed(),
      events: now.events.toReversed(),
    };
    assert.deepEqual(planCollection(shuffled, own), plan);
  }));
});

Deno.test("metrics count against the budget, and are not collected from", () => {
  const over = held({ space: space(10 * GIB), imageBytes: GIB, metricBytes: 48 * MIB });
  const limited = { ...limits, budgetBytes: GIB };
  const plan = planCollection(over, limited);
  assert.equal(plan.cause, "budget");
  assert.deepEqual(plan.steps, []);
  assert.equal(planCollection({ ...over, metricBytes: 0 }, limited).cause, null);
});
