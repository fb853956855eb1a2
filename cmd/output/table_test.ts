import assert from "node:assert/strict";
import { cutLine } from "../apply/progress.ts";
import { painter, printable } from "../terminal.ts";
import { tableLines } from "./table.ts";
import { agoText } from "./words.ts";

const plain = painter(false, {});
const columns = [
  { title: "A", cell: (row: string[]) => row[0] ?? "" },
  { title: "BB", cell: (row: string[]) => ({ text: row[1] ?? "", tone: "good" as const }) },
];

Deno.test("columns are as wide as their widest cell; what is empty is a dash", () => {
  assert.deepEqual(tableLines(columns, [["long", ""], ["ü", "x"]], plain), [
    "A     BB",
    "long  -",
    "ü     x",
  ]);
  assert.deepEqual(tableLines(columns, [], plain), ["A  BB"]);
});

Deno.test("foreign text cannot steer the terminal or break a row", () => {
  assert.equal(printable("a\nb\u001b[2J\u202e\tc"), "a\\nb\\u{1b}[2J\\u{202e}\\tc");
  assert.equal(tableLines(columns, [["a\nb", "c"]], plain).length, 2);
});

Deno.test("colours do not count as width", () => {
  const paint = painter(true, {});
  const red = paint("bad", "abcdef");
  assert.equal(cutLine(red, 3), "\u001b[31mabc\u001b[39m");
  assert.equal(painter(true, { TERM: "dumb" })("bad", "x"), "x");
});

Deno.test("ages are short", () => {
  assert.equal(agoText(null, 0), "");
  assert.deepEqual([0, 90, 600, 10_000, 400_000].map((s) => agoText(0, s * 1000)), [
    "0s",
    "90s",
    "10m",
    "2h",
    "4d",
  ]);
});
