import assert from "node:assert/strict";
import { niceStep, plot, short } from "./plot.ts";
import { fromCsv, type Sample, SERIES_NAMES, type SeriesName, toCsv } from "./series.ts";
import { trendOf } from "./trend.ts";

const points = (count: number, y: (x: number) => number) =>
  Array.from({ length: count }, (_, i) => ({ x: (i + 1) * 10, y: y((i + 1) * 10) }));
/** Up and down by one, always the same. */
const noise = (x: number) => Math.sin(x * x);

Deno.test("what grows by a little each time is told, through the noise", () => {
  const { growth, verdict } = trendOf(points(100, (x) => 200 + 0.02 * x + noise(x)));
  assert.equal(verdict, "grows");
  assert.ok(Math.abs(growth - 20) < 3, String(growth));
});

Deno.test("noise, a level reached in the first half, and too few samples are no growth", () => {
  assert.equal(trendOf(points(100, (x) => 200 + noise(x))).verdict, "steady");
  assert.equal(trendOf(points(100, (x) => Math.min(x, 400) + noise(x))).verdict, "steady");
  assert.equal(trendOf(points(2, (x) => x)).verdict, "steady");
  assert.equal(trendOf([]).verdict, "steady");
});

Deno.test("what becomes less is told as such", () => {
  assert.equal(trendOf(points(100, (x) => 500 - 0.2 * x + noise(x))).verdict, "shrinks");
});

Deno.test("all lines of the plot are within their panels, and every series has one", () => {
  const samples = points(30, (x) => x).map(({ x }): Sample => ({
    applies: x,
    seconds: x,
    load: 1,
    values: Object.fromEntries(
      SERIES_NAMES.map((name, at) => [name, at * 1_000 + x]),
    ) as Record<SeriesName, number>,
  }));
  const svg = plot(samples);
  const lines = [...svg.matchAll(/<polyline[^>]* points="([^"]*)"/g)].map(([, text = ""]) => text);
  assert.equal(lines.length, SERIES_NAMES.length);
  for (const line of lines) {
    const found = line.split(" ").map((pair) => pair.split(",").map(Number));
    assert.equal(found.length, samples.length);
    for (const [x = NaN, y = NaN] of found) {
      assert.ok(x >= 58 && x <= 334 && y >= 34 && y <= 220, `${x},${y}`);
    }
  }
  assert.deepEqual(fromCsv(toCsv(samples)), samples);
  assert.throws(() => fromCsv("applies,seconds\n1,2\n"), /up_rss.* are missing/);
});

Deno.test("axes have round steps and short numbers", () => {
  assert.deepEqual([0, 3, 100, 170, 9_000].map(niceStep), [0.5, 1, 50, 50, 5_000]);
  assert.deepEqual([0, 12.34, 9_999, 12_345, 2_500_000].map(short), [
    "0",
    "12.3",
    "9999",
    "12.3k",
    "2.5M",
  ]);
});
