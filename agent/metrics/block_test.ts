import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBlock, encodeBlock, framesOf, type Numbers } from "./block.ts";
import { type Cell, METRICS, type Row } from "./cells.ts";
import { decodeValue, encodeValue, PRECISION } from "./values.ts";

const value = fc.oneof(
  fc.constant(Number.NaN),
  fc.constant(0),
  fc.double({ min: 0, max: 1e10, noNaN: true }),
  fc.nat(64),
);
const row = fc.array(fc.tuple(value, value), { minLength: METRICS, maxLength: METRICS }).map(
  (pairs): Row => ({
    mean: Float64Array.from(pairs, ([mean]) => mean),
    peak: Float64Array.from(pairs, ([mean, more]) => mean + (Number.isNaN(more) ? 0 : more)),
  }),
);
const cells = fc.tuple(
  fc.nat(2 ** 31),
  fc.array(fc.dictionary(fc.string({ maxLength: 12 }), row, { maxKeys: 5 }), {
    minLength: 1,
    maxLength: 12,
  }),
).map(([first, all]): Cell[] =>
  all.map((rows, index) => ({ cell: first + index, rows: new Map(Object.entries(rows)) }))
);

/** Nearly the same: within what is kept of a value, and a unit. */
function near(metric: number, read: number, written: number): boolean {
  const least = decodeValue(metric, 1);
  return Math.abs(read - written) <= written * PRECISION + least;
}

function readAll(file: Uint8Array) {
  const names = new Map<number, string>();
  const read = new Map<string, { mean: number; peak: number }>();
  for (const { from, to } of framesOf(file)) {
    decodeBlock(file.subarray(from, to), names, {
      span: () => true,
      wants: () => true,
      value: (subject, cell, metric, mean, peak) =>
        void read.set(`${cell} ${metric} ${subject}`, { mean, peak }),
    });
  }
  return read;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

Deno.test("a value is kept within its precision, in order, and nought as nought", () => {
  fc.assert(fc.property(fc.nat(METRICS - 1), value, value, (metric, a, b) => {
    for (const each of [a, b]) {
      if (Number.isNaN(each)) continue;
      assert.ok(near(metric, decodeValue(metric, encodeValue(metric, each)), each));
    }
    if (a <= b) assert.ok(encodeValue(metric, a) <= encodeValue(metric, b));
  }));
  assert.equal(decodeValue(0, encodeValue(0, 0)), 0);
  for (const odd of [-1, Number.NaN, -Infinity]) assert.equal(encodeValue(1, odd), 0);
  assert.ok(Number.isFinite(decodeValue(1, encodeValue(1, Infinity))));
});

Deno.test("blocks of a file are read as they were written", () => {
  fc.assert(
    fc.property(fc.array(cells, { minLength: 1, maxLength: 4 }), fc.boolean(), (blocks, peaks) => {
      const numbers: Numbers = new Map();
      const read = readAll(joined(blocks.map((block) => encodeBlock(block, peaks, numbers))));
      const wanted = new Map<string, { metric: number; mean: number; peak: number }>();
      for (const { cell, rows } of blocks.flat()) {
        for (const [subject, { mean, peak }] of rows) {
          for (const [metric, each] of mean.entries()) {
            if (Number.isNaN(each)) continue;
            const highest = peaks ? peak[metric] ?? each : each;
            wanted.set(`${cell} ${metric} ${subject}`, { metric, mean: each, peak: highest });
          }
        }
      }
      // A cell that is written twice may have had more the first time.
      for (const [key, { metric, mean, peak }] of wanted) {
        const found = read.get(key);
        assert.ok(found !== undefined, key);
        assert.ok(near(metric, found.mean, mean), `${key}: ${found.mean} of ${mean}`);
        assert.ok(near(metric, found.peak, peak), `${key}: ${found.peak} of ${peak}`);
      }
      assert.equal(read.size, wanted.size);
    }),
  );
});

Deno.test("a torn file tells all that was whole, and damage spoils its own block alone", () => {
  fc.assert(
    fc.property(
      fc.array(cells, { minLength: 2, maxLength: 4 }),
      fc.nat(),
      fc.nat({ max: 254 }),
      (blocks, place, flip) => {
        const frames = blocks.map((block) => encodeBlock(block, false, new Map()));
        const file = joined(frames);
        const at = place % file.length;
        const ends = frames.map((_, index) =>
          frames.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0)
        );
        const whole = [...framesOf(file.subarray(0, at))].length;
        assert.equal(whole, ends.filter((end) => end <= at).length);
        const damaged = file.slice();
        damaged[at] = (damaged[at] ?? 0) ^ (flip + 1);
        const left = [...framesOf(damaged)];
        assert.equal(left.length, frames.length - 1);
      },
    ),
  );
});

Deno.test("whatever a file holds, reading it ends", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), cells, (noise, block) => {
    const file = joined([noise, encodeBlock(block, true, new Map()), noise]);
    assert.ok([...framesOf(file)].length >= 1);
    const frame = encodeBlock(block, true, new Map());
    // The payload of another program, with a frame that is right.
    const odd = joined([frame.subarray(0, 12), noise]);
    try {
      decodeBlock(odd, new Map(), {
        span: () => true,
        wants: () => true,
        value: (_subject, _cell, _metric, mean, peak) => {
          assert.ok(mean >= 0 && peak >= mean);
        },
      });
    } catch (thrown) {
      assert.ok(thrown instanceof RangeError, String(thrown));
    }
  }));
});
