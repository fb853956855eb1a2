import assert from "node:assert/strict";
import fc from "fast-check";
import { type CounterWindow, useCounter, WINDOW_SIZE, windowFrom } from "./window.ts";

/** What a set that forgets nothing says. */
function model(mark: bigint) {
  const used = new Set<bigint>();
  let high = mark - 1n;
  return (counter: bigint) => {
    const takes = counter >= mark && !used.has(counter) && counter > high - WINDOW_SIZE;
    if (takes) {
      used.add(counter);
      if (counter > high) high = counter;
    }
    return takes;
  };
}

Deno.test("the window decides as a set that forgets nothing does, but for what is too old", () => {
  fc.assert(fc.property(
    fc.bigInt(0n, 1n << 62n),
    fc.array(fc.oneof(fc.bigInt(-3n, 40n), fc.bigInt(-1_200n, 3_000n)), { maxLength: 200 }),
    (mark, offsets) => {
      const expected = model(mark);
      let window: CounterWindow = windowFrom(mark);
      for (const offset of offsets) {
        const counter = mark + offset;
        if (counter < 0n) continue;
        const next = useCounter(window, counter);
        assert.equal(next !== null, expected(counter), `${counter}`);
        window = next ?? window;
      }
    },
  ));
});

Deno.test("out of order within the window is taken once, at its edge and not beyond", () => {
  const at = useCounter(windowFrom(0n), 5_000n);
  assert.ok(at !== null);
  const edge = 5_000n - WINDOW_SIZE + 1n;
  const after = useCounter(at, edge);
  assert.ok(after !== null);
  assert.equal(after.high, 5_000n);
  assert.equal(useCounter(after, edge), null);
  assert.equal(useCounter(after, edge - 1n), null);
  assert.equal(useCounter(after, 5_000n), null);
});

Deno.test("nothing below the mark is taken again", () => {
  for (const counter of [0n, 1n, 98n, 99n]) {
    assert.equal(useCounter(windowFrom(100n), counter), null);
  }
  assert.ok(useCounter(windowFrom(100n), 100n) !== null);
});
