import assert from "node:assert/strict";
import fc from "fast-check";
import { ansiParts, plainText } from "../client/ansi.ts";

Deno.test("colours become classes, and end with their end", () => {
  assert.deepEqual(
    ansiParts("a \x1b[1;31mred\x1b[0m b\x1b[38;5;196mx\x1b[39my\x1b[48;2;0;0;250mz"),
    [
      { text: "a ", style: "" },
      { text: "red", style: "fg-red bold" },
      { text: " b", style: "" },
      { text: "x", style: "fg-bright-red" },
      { text: "y", style: "" },
      { text: "z", style: "bg-blue" },
    ],
  );
});

Deno.test("cursor, title, links and broken sequences leave no trace", () => {
  assert.equal(
    plainText("\x1b]0;title\x07a\x1b[2J\x1b[10;3Hb\x1b]8;;http://x\x1b\\c\x1b(Bd\x1b"),
    "abcd",
  );
  assert.equal(plainText("\x1b]0;never ends"), "");
  assert.equal(plainText("10%\r50%\r100%\r"), "100%");
});

Deno.test("what is invisible or turns text around is shown", () => {
  assert.equal(plainText("a\x00b\x07\u202ec\u200b"), "a\u2400b\u2407\ufffdc\ufffd");
  assert.equal(plainText("<b>&amp;</b>\t"), "<b>&amp;</b>\t");
});

Deno.test("no part of any line holds a control character but a tab, and classes are known words", () => {
  const text = fc.string({
    unit: fc.constantFrom(
      "\x1b",
      "[",
      "]",
      "m",
      ";",
      "3",
      "8",
      "5",
      "a",
      "\r",
      "\x07",
      "\x9b",
      "\n",
    ),
  });
  fc.assert(
    fc.property(text, (line) => {
      for (const part of ansiParts(line)) {
        // deno-lint-ignore no-control-regex -- control characters are what is looked for
        assert.doesNotMatch(part.text, /[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
        assert.match(part.style, /^[a-z -]*$/);
      }
    }),
    { numRuns: 2000 },
  );
});
