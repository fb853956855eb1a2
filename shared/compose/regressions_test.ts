/** Inputs that once did what they must not, most of them found by the fuzzer; each names its seed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { faultOf } from "./fuzz.ts";
import { readCompose, type ReadResult } from "./read.ts";

function read(text: string, files: Readonly<Record<string, string>> = {}): ReadResult {
  return readCompose({
    files: [{ path: "/p/c.yaml", text }],
    projectDirectory: "/p",
    environment: {},
    projectName: null,
    readFile: (path) => {
      const found = files[path];
      return found === undefined ? { kind: "missing" } : { kind: "text", text: found };
    },
  });
}

Deno.test("a variable or label called << reads the same when it is printed", () => {
  for (const key of ["environment", "labels"]) {
    const result = read(`services: {a: {image: x, ${key}: ["<<=x", a=b]}}`);
    strictEqual(result.kind, "ok");
    strictEqual(faultOf(result), null);
  }
});

Deno.test("only a plain << merges, a quoted one is a key", () => {
  const result = read(
    'x-a: &a {B: "1"}\nservices: {a: {image: x, labels: {<<: *a, "<<": y}}}',
  );
  ok(result.kind === "ok");
  deepStrictEqual(result.model.services["a"]?.labels, { "<<": "y", B: "1" });
});
