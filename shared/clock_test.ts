import assert from "node:assert/strict";
import fc from "fast-check";
import { type Clock, createSteadyClock } from "./clock.ts";

Deno.test("a steady clock begins with the machine's and then never jumps, whatever is set", () => {
  const step = fc.record({
    passedMs: fc.integer({ min: 0, max: 1_000_000 }),
    jumpMs: fc.integer({ min: -400_000_000_000, max: 400_000_000_000 }),
  });
  fc.assert(fc.property(fc.integer({ min: 0 }), fc.array(step), (start, steps) => {
    let wall = start;
    let passed = 0;
    const machine: Clock = {
      now: () => wall,
      monotonic: () => passed,
      sleep: () => Promise.resolve(),
    };
    const steady = createSteadyClock(machine);
    assert.equal(steady.now(), start);
    for (const { passedMs, jumpMs } of steps) {
      wall += passedMs + jumpMs;
      passed += passedMs;
      assert.equal(steady.now(), start + passed);
    }
  }));
});
