import fc from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseFile } from "./parse.ts";
import { readPlainBlocks } from "./plain_blocks.ts";
import { fuzzPlainBlocks, shortWayFault } from "./plain_blocks_fuzz.ts";
import { createProblems, formatProblem } from "./problem.ts";

Deno.test("what goes the short way reads as the YAML parser reads it, places too", () => {
  const report = fuzzPlainBlocks(1500, 3);
  deepStrictEqual(report.failures, []);
  ok(report.short > 300, `${report.short}`);
});

Deno.test("every golden reads the same both ways, where it goes the short way", () => {
  const folder = new URL("./testdata/goldens/", import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    if (!name.endsWith(".yaml")) continue;
    strictEqual(shortWayFault(Deno.readTextFileSync(new URL(name, folder))).reason, null, name);
  }
});

Deno.test("any word as a value is the YAML parser's value", () => {
  const word = fc.array(fc.constantFrom(..."0179abefinoxzENX_.+-:/$~# '\"[]{},&*!|>%@".split("")))
    .map((parts) => parts.join(""));
  const form = fc.constantFrom("a: @\n", "a:\n- @", "a:\n  - @\n  - b", "a: [@, c]", "a: ['@']");
  fc.assert(
    fc.property(form, word, (text, value) => {
      strictEqual(shortWayFault(text.replace("@", () => value)).reason, null);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("what is more than plain blocks is left to the YAML parser", () => {
  for (
    const text of [
      "",
      "- a",
      "a: &b c",
      "a: *b",
      "<<: b",
      "a: |\n  b",
      "a: b\n  c",
      "a: !!str b",
      "? a",
      "a: 0x1f",
      "a: 0440",
      "a: 1e3",
      "a: Null",
      "a: ~",
      "null: a",
      "a: 1\na: 2",
      "a: {b: c}",
      'a: "\\n"',
      "a:\tb",
      "a: b\r\n",
      "---\na: b",
      "a: b\n...\n",
      "__proto__: a",
      "a:\n   b: c\n  d: e",
      "a: [b",
      "a: b: c",
    ]
  ) strictEqual(readPlainBlocks("/f", text), null, text);
});

Deno.test("depth and number of values are bounded; the YAML parser tells it", () => {
  const deep = Array.from({ length: 80 }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
  const problems = createProblems();
  strictEqual(parseFile("/f", deep, problems), null);
  ok(problems.problems([]).map(formatProblem).join().includes("more than 64 deep"));
  strictEqual(readPlainBlocks("/f", `a: [${"b,".repeat(100_000)}b]`), null);
  strictEqual(readPlainBlocks("/f", "a:\n" + "- b\n".repeat(100_000)), null);
});
