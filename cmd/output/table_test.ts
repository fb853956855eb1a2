import assert from "node:assert/strict";
import fc from "fast-check";
import { cutLine } from "../apply/progress.ts";
import { painter, printable } from "../terminal.ts";
import { fitWidths, tableWidth, widthOf, wrapText } from "./fit.ts";
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

const three = [
  { title: "NAME", cell: (row: string[]) => row[0] ?? "" },
  { title: "NOTE", cell: (row: string[]) => row[1] ?? "" },
  { title: "WHY", cell: (row: string[]) => row[2] ?? "" },
];

Deno.test("in a narrow terminal empty columns go, and long texts are wrapped between words", () => {
  const rows = [["web", "", "it waits for its database to come up"], ["db", "", ""]];
  assert.deepEqual(tableLines(three, rows, plain, 30), [
    "NAME  WHY",
    "web   it waits for its",
    "      database to come up",
    "db    -",
  ]);
  assert.equal(tableLines(three, rows, plain, 200).length, 3, "as it comes where there is room");
  assert.equal(
    tableLines(three, rows, plain)[1],
    "web   -     it waits for its database to come up",
  );
});

Deno.test("where that is not enough the last column stands below its row", () => {
  const rows = [["a-long-name", "a-long-note", "because it is so"]];
  assert.deepEqual(tableLines(three, rows, plain, 25), [
    "NAME         NOTE",
    "a-long-name  a-long-note",
    "    because it is so",
  ]);
});

Deno.test("whatever fits is fitted, and wrapping loses nothing", () => {
  const widths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 9 });
  fc.assert(fc.property(widths, fc.integer({ min: 20, max: 200 }), (natural, room) => {
    const titles = natural.map((width) => Math.min(width, 4));
    const fitted = fitWidths(natural, titles, room);
    assert.ok(fitted.every((width, at) => width <= (natural[at] ?? 0)));
    assert.ok(fitted.every((width, at) => width >= Math.min(natural[at] ?? 0, 12)));
    const least = tableWidth(natural.map((width) => Math.min(width, 12)));
    if (least <= room) assert.ok(tableWidth(fitted) <= room);
    if (tableWidth(natural) <= room) assert.deepEqual(fitted, natural);
  }));
  const text = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }))
    .map((words) => words.map((word) => word.replaceAll(" ", "_")).join(" "));
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 30 }), (written, width) => {
    const lines = wrapText(written, width);
    assert.ok(lines.every((line) => widthOf(line) <= width));
    assert.equal(lines.join("").replaceAll(" ", ""), written.replaceAll(" ", ""));
  }));
});

Deno.test("a short id is never broken", () => {
  const id = "4f5e6d7c8b9a";
  const wide = [
    { title: "CONTAINER", cell: () => id },
    { title: "ADDRESS", cell: () => "10.200.9.12" },
    { title: "IMAGE", cell: () => "registry.plant.lan/shop/web:2026-01" },
    { title: "WHY", cell: () => "it waits for its database to come up" },
  ];
  for (const room of [80, 70, 60, 50]) {
    assert.ok(tableLines(wide, [null], plain, room).join("\n").includes(id), String(room));
  }
});

Deno.test("in a narrow terminal spare columns go, the least first, and what is left stays whole", () => {
  const cell = (at: number) => (row: string[]) => row[at] ?? "";
  const containers = [
    { title: "SERVICE", cell: cell(0) },
    { title: "WANT", cell: cell(1), spare: 1 },
    { title: "ADDRESS", cell: cell(2), spare: 2 },
    { title: "CONTAINER", cell: cell(3), spare: 3 },
    { title: "WHY", cell: cell(4) },
  ];
  const well = ["timescale-db/1", "run", "10.210.0.130", "4f5e6d7c8b9a", ""];
  const ill = [...well.slice(0, 4), "its health check answers 500"];
  const lines = (row: string[], room: number) => tableLines(containers, [row], plain, room);
  assert.deepEqual(lines(well, 46), [
    "SERVICE         ADDRESS       CONTAINER",
    "timescale-db/1  10.210.0.130  4f5e6d7c8b9a",
  ]);
  assert.deepEqual(lines(ill, 35), [
    "SERVICE         CONTAINER",
    "timescale-db/1  4f5e6d7c8b9a",
    "    its health check answers 500",
  ]);
  assert.match(lines(well, 200)[0] ?? "", /WANT.*ADDRESS.*CONTAINER/);
});
