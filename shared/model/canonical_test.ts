import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { canonicalJson } from "./canonical.ts";

Deno.test("any JSON value is written as the package writes it", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    strictEqual(canonicalJson(value), canonicalize(value));
  }));
});

Deno.test("so is one with keys, texts and numbers that are seldom", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(undefined, null, true, new Date(0), "\u2028", "\\", '"', "\u007f"),
      fc.array(tie("any")),
      fc.dictionary(fc.oneof(fc.string({ unit: "binary" }), fc.nat().map(String)), tie("any")),
    ),
  })).any;
  const written = (write: (each: unknown) => unknown, each: unknown) => {
    try {
      return write(each);
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : thrown;
    }
  };
  fc.assert(fc.property(fc.array(value, { maxLength: 4 }), (each) => {
    deepStrictEqual(written(canonicalJson, each), written(canonicalize, each));
  }));
});

Deno.test("keys are sorted by code units, numbers and control characters as in RFC 8785", () => {
  strictEqual(
    canonicalJson({ "10": 1, "9": 2, b: [1e30, -0, 4.5, "\u000f\n"], "\ufb33": 1, "\u{1f600}": 2 }),
    '{"10":1,"9":2,"b":[1e+30,0,4.5,"\\u000f\\n"],"\u{1f600}":2,"\ufb33":1}',
  );
});

Deno.test("what JSON cannot say is refused", () => {
  for (const value of [undefined, () => 1, NaN, Infinity, "\ud800", { a: ["\ud800"] }]) {
    throws(() => canonicalJson(value));
  }
});

Deno.test("a deep value is written all the same", () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 20_000; depth++) deep = [deep];
  strictEqual(canonicalJson(deep).length, 40_001);
});
