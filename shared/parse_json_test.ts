import assert from "node:assert/strict";
import { parseJson } from "./parse_json.ts";

Deno.test("what is nested too deep is refused with its place, whatever stands in texts before it", () => {
  const deep = (by: number) => "[".repeat(by) + "]".repeat(by);
  assert.deepEqual(parseJson(`{"a": ${deep(63)}}`), JSON.parse(`{"a": ${deep(63)}}`));
  assert.throws(
    () => parseJson(`{"[[{\\\\\\"": "\\\\",\n  "b": ${deep(64)}}`),
    new SyntaxError("values are nested more than 64 deep (line 2, column 71)"),
  );
  assert.throws(() => parseJson("[".repeat(1 << 20)), /line 1, column 65/);
});

Deno.test("anything else is read as JSON.parse reads it", () => {
  const wide = JSON.stringify(Array.from({ length: 1000 }, () => [{ a: "[" }, '"]\\']));
  assert.deepEqual(parseJson(wide), JSON.parse(wide));
  assert.equal(parseJson('"\\\\\\""'), '\\"');
  for (const text of ["", '"abc', '"abc\\', "]]]]", '{"a":}']) {
    assert.throws(() => parseJson(text), SyntaxError);
  }
  assert.deepEqual(parseJson('{"a": 1}', (key, value) => key === "a" ? 2 : value), { a: 2 });
});
