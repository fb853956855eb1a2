import fc from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseFile } from "../parse.ts";
import { createProblems, formatProblem } from "../problem.ts";
import { fuzzPlainYaml, PLAIN, shortWayFault } from "./fuzz.ts";
import { readPlainYaml } from "./read.ts";

Deno.test("what goes the short way reads as the YAML parser reads it, places too", () => {
  const report = fuzzPlainYaml(2000, 3);
  deepStrictEqual(report.failures, []);
  ok(report.short > 400, `${report.short}`);
});

Deno.test("a file with something of everything goes the short way", () => {
  deepStrictEqual(shortWayFault(PLAIN), { short: true, reason: null });
});

for (const folder of ["goldens", "stacks"]) {
  Deno.test(`${folder} read the same both ways, and most go the short way`, () => {
    const at = new URL(`../testdata/${folder}/`, import.meta.url);
    const names = [...Deno.readDirSync(at)].map(({ name }) => name)
      .filter((name) => name.endsWith(".yaml"));
    const faults = names.map((name) => shortWayFault(Deno.readTextFileSync(new URL(name, at))));
    deepStrictEqual(faults.filter(({ reason }) => reason !== null), []);
    const short = faults.filter((fault) => fault.short).length;
    ok(short > names.length * 0.7, `${short} of ${names.length}`);
  });
}

Deno.test("any word as a value or key is the YAML parser's", () => {
  const word = fc.array(
    fc.constantFrom(..."0179abefinoxzENX_.+-:/$~# '\"[]{},&*!|>%@?\\<=;()é漢".split("")),
  ).map((parts) => parts.join(""));
  const form = fc.constantFrom(
    "a: @\n",
    "a:\n- @",
    "a:\n  - @\n  - b",
    "a: [@, c]",
    "a: [c, @]",
    "a: ['@']",
    'a: "@"',
    "a: {b: @, c: d}",
    "a: {@: b}",
    "@: b\nc: d",
    "a: &b @\nc: *b",
    "a: |\n  @\n  b\nc: d",
    "a: >-\n  @\n  b\n\n  @",
    "a: b @",
    "a: b # @",
  );
  fc.assert(
    fc.property(form, word, (text, value) => {
      strictEqual(shortWayFault(text.replaceAll("@", () => value)).reason, null);
    }),
    { numRuns: 6000 },
  );
});

Deno.test("what is more than that, or wrong, is left to the YAML parser", () => {
  for (
    const text of [
      "",
      "- a",
      "a: *b",
      "a: &b [*b]",
      "a: &b\n  c: &b d",
      "a: &b c\nd: &e *b",
      "{a: [\n... ]}",
      "<<: b",
      "<<: [b]",
      "a: b\n  c",
      "a: !!str b",
      "a: !reset b",
      "? a",
      "a: 0x1f",
      "a: 1e3",
      "a: 1_000",
      "a: -0",
      "a: 12345678901234567890",
      "a: .inf",
      "a: True",
      "null: a",
      "80: a",
      "a: 1\na: 2",
      "a: {b: c, b: d}",
      'a: "\\0"',
      'a: "\\x41"',
      "a:\tb",
      "a: b\r\n",
      "a: b\n...\n",
      "--- a: b",
      "---\na: b\n---\nc: d",
      "__proto__: a",
      "a:\n   b: c\n  d: e",
      "a: [b",
      "a: [b: c]",
      "a: [b\nc]",
      "a: {b}",
      "a: b: c",
      "a: |2\n  b",
      "a: |\n  b\n c",
      "a: >\n  b\n   c",
      "a: |\n",
      "a: 'b\n  c'",
      "\ufeffa: b",
      "a: \u2028",
    ]
  ) strictEqual(readPlainYaml("/f", text), null, JSON.stringify(text));
});

Deno.test("depth and number of values are bounded, aliases too; the YAML parser tells it", () => {
  const deep = Array.from({ length: 80 }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
  const problems = createProblems();
  strictEqual(parseFile("/f", deep, problems), null);
  ok(problems.problems([]).map(formatProblem).join().includes("more than 64 deep"));
  strictEqual(readPlainYaml("/f", `a: [${"b,".repeat(200_000)}b]`), null);
  strictEqual(readPlainYaml("/f", "a:\n" + "- b\n".repeat(200_000)), null);
  strictEqual(readPlainYaml("/f", `a: ${"[".repeat(10_000)}${"]".repeat(10_000)}`), null);
  const bomb = Array.from(
    { length: 20 },
    (_, i) => i === 0 ? "a0: &a0 [b]" : `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}b]`,
  );
  strictEqual(readPlainYaml("/f", bomb.join("\n")), null);
  const ladder = Array.from(
    { length: 80 },
    (_, i) => i === 0 ? "a0: &a0 [b]" : `a${i}: &a${i} [*a${i - 1}]`,
  );
  strictEqual(readPlainYaml("/f", ladder.join("\n")), null);
});
