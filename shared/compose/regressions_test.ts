/** Inputs that once did what they must not, most of them found by the fuzzer; each names its seed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { faultOf } from "./fuzz.ts";
import { formatProblem } from "./problem.ts";
import { readCompose, type ReadResult } from "./read.ts";

function read(text: string, files: Readonly<Record<string, string>> = {}): ReadResult {
  return readCompose({
    files: [{ path: "/p/c.yaml", text }],
    projectDirectory: "/p",
    environment: {},
    profiles: ["*"],
    projectName: null,
    readFile: (path) => {
      const found = files[path];
      return found === undefined ? { kind: "missing" } : { kind: "text", text: found };
    },
  });
}

function linesOf(result: ReadResult): string[] {
  ok(result.kind === "problems", "it was read");
  return result.problems.map(formatProblem);
}

const TEXT = "save it as text in UTF-8";

Deno.test("a NUL in a command is refused at the first reading (seed 2734441028)", () => {
  deepStrictEqual(linesOf(read('services: {a: {image: x, command: "echo \\0"}}')), [
    '/p/c.yaml:1:35: "echo \\u0000" holds a NUL character, which no text may hold; remove it',
  ]);
  deepStrictEqual(linesOf(read("services:\n  a: {image: x, command: sh -c 'a\0b'}")), [
    `/p/c.yaml:2:34: the file holds a NUL character, so it is no text; ${TEXT}`,
  ]);
});

Deno.test("a NUL is refused wherever a text may stand, keys and ignored keys too", () => {
  for (
    const text of [
      'services: {a: {image: x, entrypoint: ["\\0"]}}',
      'services: {a: {image: x, environment: {A: "\\x00"}}}',
      'services: {a: {image: x, environment: {"A\\0": b}}}',
      'services: {a: {image: x, healthcheck: {test: "a\\u0000"}}}',
      'services: {a: {image: x, x-other: "\\0"}}',
      'services: {a: {image: x}}\n"x-\\0": 1',
      'services: {a: {image: x, labels: ["a=\\0"]}}',
    ]
  ) {
    const lines = linesOf(read(text));
    strictEqual(lines.length, 1, lines.join("\n"));
    ok(lines[0]?.includes("holds a NUL character"), lines[0]);
  }
});

Deno.test("a NUL in an env file is refused there (seeds 1262407127, 81440436, 1407080756)", () => {
  const service = "services: {a: {image: x, env_file: e.env}}";
  deepStrictEqual(linesOf(read(service, { "/p/e.env": "A=1\nB=x\0y\n" })), [
    `/p/e.env:2:4: the file holds a NUL character, so it is no text; ${TEXT}`,
  ]);
  deepStrictEqual(linesOf(read(service, { "/p/e.env": 'A=1\nB="x\\0000"\n' })), [
    '/p/e.env:2:1: the value of "B" holds a NUL character, which no text may hold; remove it',
  ]);
  const raw = "services: {a: {image: x, env_file: [{path: e.env, format: raw}]}}";
  strictEqual(linesOf(read(raw, { "/p/e.env": "B=\0" })).length, 1);
  strictEqual(linesOf(read("services: {a: {image: x}}", { "/p/.env": "B=\0" })).length, 1);
});

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

Deno.test("half of a character is refused: it was an internal error of the control plane", () => {
  deepStrictEqual(linesOf(read('services: {a: {image: x, labels: {b: "\\ud800"}}}')), [
    '/p/c.yaml:1:38: "\\ud800" holds half of a character (a surrogate without its other half); ' +
    "write the whole character itself",
  ]);
  const lines = linesOf(read('services: {a: {image: x, labels: {"\\udc00": c}}}'));
  strictEqual(lines.length, 1, lines.join("\n"));
  ok(read('services: {a: {image: x, labels: {b: "\\ud83d\\ude00"}}}').kind === "ok");
});

Deno.test("services that extend each other in a long row are told so, and not merged without end", () => {
  const row = (count: number, backwards: boolean) => {
    const services = Array.from(
      { length: count },
      (_, index) =>
        `  s${index}: {${
          index === count - 1 ? "image: x" : `extends: s${index + 1}`
        }, environment: {V${index}: a}}`,
    );
    return `services:\n${(backwards ? services.reverse() : services).join("\n")}\n`;
  };
  for (const backwards of [false, true]) {
    const long = linesOf(read(row(5_000, backwards)));
    ok(
      long.every((line) => /extends over more than 32 services|more problems/.test(line)),
      long[0],
    );
    const well = read(row(33, backwards));
    ok(well.kind === "ok");
    strictEqual(Object.keys(well.model.services["s0"]?.environment ?? {}).length, 33);
  }
});

Deno.test("what is nested without end is read no further than it may be, and its place is told", () => {
  const deep = "values are nested more than 64 deep; nest less";
  const files = {
    "a: [[[[": ["a: " + "[".repeat(40_000) + "]".repeat(40_000), "1:259"],
    "a: {a: {": ["a: " + "{a: ".repeat(40_000), "1:1021"],
    "- - -": ["a:\n  " + "- ".repeat(40_000) + "x", "2:512"],
    "? ? ?": ["? ".repeat(40_000), "1:512"],
    "a:\\n a:\\n": [
      Array.from({ length: 1_000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
      "256:257",
    ],
  };
  for (const [text, place] of Object.values(files)) {
    deepStrictEqual(linesOf(read(text ?? "")), [`/p/c.yaml:${place}: ${deep}`]);
  }
});
