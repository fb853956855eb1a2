import assert from "node:assert/strict";
import { axisSteps, figuresOf, figureText, type Series, summed } from "../client/plot_lines.ts";
import { sparkline, sparkPath } from "./sparkline.ts";

const series = (name: string, points: (number | null)[], slot?: string): Series => ({
  name,
  unit: "x",
  labels: slot === undefined ? {} : { slot },
  points,
});

Deno.test("of one slot its mean and its peak, of some a line each, of many their sum", () => {
  const one = figuresOf([{ ...series("cpu", [1], "1"), peaks: [3] }]);
  assert.deepEqual(one, [{
    title: "Processor",
    unit: "cores",
    lines: [{ label: "used", points: [1] }, { label: "peak", points: [3] }],
  }]);
  const two = figuresOf([series("memory", [1], "1"), series("memory", [2], "2")]);
  assert.deepEqual(two[0]?.lines.map(({ label }) => label), ["slot 1", "slot 2"]);
  const many = Array.from({ length: 7 }, (_, at) => series("cpu", [1, null], String(at)));
  assert.deepEqual(figuresOf(many)[0]?.lines, [{ label: "used", points: [7, null] }]);
  const network = figuresOf([
    series("network_rx", [1, null], "1"),
    series("network_rx", [2, null], "2"),
    series("network_tx", [5, 6], "1"),
  ]);
  assert.deepEqual(network[0]?.lines, [
    { label: "in", points: [3, null] },
    { label: "out", points: [5, 6] },
  ]);
  assert.deepEqual(figuresOf([]), []);
});

Deno.test("figures are written with their unit", () => {
  assert.equal(figureText(null, "bytes"), "–");
  assert.equal(figureText(0, "bytes"), "0 B");
  assert.equal(figureText(1536, "bytes_per_second"), "1.5 KiB/s");
  assert.equal(figureText(0.12345, "cores"), "0.123 cores");
  assert.equal(axisSteps("cores"), null);
  assert.ok(axisSteps("bytes")?.includes(1024 ** 2));
});

Deno.test("a picture has a gap where nothing was measured, and holds numbers alone", () => {
  assert.equal(sparkPath([0, 1, null, 1], 1), "M0.0 59.0L100.0 1.0M300.0 1.0");
  assert.equal(sparkPath([], 0), "");
  assert.match(sparkline([[1, null], [0]]), /^<svg [^]*<\/svg>$/);
  assert.doesNotMatch(sparkline([[null]]), /NaN|Infinity/);
  assert.deepEqual(summed([[1], [null, 2]]), [1, 2]);
});
