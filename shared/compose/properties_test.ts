/** What holds for every input. */
import fc from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseDotenv } from "./dotenv.ts";
import { durationNs, formatDuration } from "./duration.ts";
import { faultOf, fuzzCompose } from "./fuzz.ts";
import { mergeTrees } from "./merge.ts";
import { normaliseProjectName } from "./names.ts";
import { parseFile } from "./parse.ts";
import { parsePort } from "./ports.ts";
import { createProblems } from "./problem.ts";
import { readCompose, type ReadResult } from "./read.ts";
import { splitWords } from "./shell_words.ts";
import { substitute } from "./substitute.ts";

function read(...texts: string[]): ReadResult {
  return readCompose({
    files: texts.map((text, i) => ({ path: `/project/${i}.yaml`, text })),
    projectDirectory: "/project",
    environment: {},
    profiles: ["*"],
    projectName: null,
    readFile: () => ({ kind: "missing" }),
  });
}

Deno.test("a text without $ is interpolated to itself", () => {
  fc.assert(fc.property(fc.string().filter((text) => !text.includes("$")), (text) => {
    deepStrictEqual(substitute(text, () => "x"), { text, faults: [], unset: [] });
  }));
});

Deno.test("a text with its dollars doubled is interpolated to itself", () => {
  const text = fc.array(fc.constantFrom("$", "{", "}", "A", ":", "-", "?", "+", " ")).map((a) =>
    a.join("")
  );
  fc.assert(fc.property(text, (given) => {
    const result = substitute(given.replaceAll("$", "$$$$"), () => "x");
    deepStrictEqual(result, { text: given, faults: [], unset: [] });
  }));
});

Deno.test("interpolation never throws, and a value is not interpolated again", () => {
  const text = fc.array(fc.constantFrom("$", "${", "}", "A", "B", ":-", "-", ":?", "+", "$$", " "))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.string(), (given, value) => {
      substitute(given, (name) => name === "A" ? value : undefined);
      strictEqual(substitute("${A}", () => value).text, value);
    }),
    { numRuns: 1000 },
  );
});

const yaml = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.string(),
        fc.constantFrom("services", "ports", "labels", "environment", "command"),
      ),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

Deno.test("merging with nothing changes nothing", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), yaml, { maxKeys: 5 }), (value) => {
    const problems = createProblems();
    const tree = parseFile("/f", JSON.stringify(value), problems);
    const empty = parseFile("/e", "{}", problems);
    if (tree === null || empty === null) return;
    deepStrictEqual(mergeTrees(tree, empty, "", problems), tree);
    strictEqual(mergeTrees(empty, tree, "", problems).entries.size, tree.entries.size);
  }));
});

Deno.test("any text, and any value, is read or refused with places and remedies", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => {
    strictEqual(faultOf(read(text)), null);
  }));
  fc.assert(fc.property(yaml, yaml, (service, other) => {
    strictEqual(faultOf(read(JSON.stringify({ services: { a: service }, networks: other }))), null);
    strictEqual(faultOf(read(JSON.stringify(service), JSON.stringify(other))), null);
  }));
});

Deno.test("each key of a service takes any value without throwing", () => {
  const keys = [
    "image",
    "build",
    "command",
    "entrypoint",
    "environment",
    "env_file",
    "volumes",
    "ports",
    "expose",
    "depends_on",
    "healthcheck",
    "deploy",
    "scale",
    "restart",
    "secrets",
    "configs",
    "labels",
    "user",
    "working_dir",
    "hostname",
    "cap_add",
    "cap_drop",
    "read_only",
    "init",
    "stop_signal",
    "stop_grace_period",
    "ulimits",
    "extra_hosts",
    "networks",
    "x-skerry",
  ];
  fc.assert(
    fc.property(fc.constantFrom(...keys), yaml, (key, value) => {
      strictEqual(
        faultOf(read(JSON.stringify({ services: { a: { image: "x", [key]: value } } }))),
        null,
      );
    }),
    { numRuns: 1000 },
  );
});

Deno.test("mutated files are read or refused, and what is read reads the same when printed", () => {
  const report = fuzzCompose(300, 7);
  deepStrictEqual(report.failures, []);
  ok(report.read > 10, `${report.read}`);
});

Deno.test("the smaller parsers never throw", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseDotenv("/.env", text, () => undefined, createProblems());
      parsePort(text);
      splitWords(text);
      durationNs(text);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a printed duration means the same", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (ns) => {
    strictEqual(durationNs(formatDuration(ns)), ns);
  }));
});

Deno.test("a normalised project name stays as it is", () => {
  fc.assert(fc.property(fc.string(), (name) => {
    const normal = normaliseProjectName(name);
    strictEqual(normaliseProjectName(normal), normal);
    ok(/^([a-z0-9][a-z0-9_-]*)?$/.test(normal), normal);
  }));
});

Deno.test("words without quotes split at spaces", () => {
  const word = fc.array(fc.constantFrom(..."abc019-_=/.:".split("")), { minLength: 1 }).map((a) =>
    a.join("")
  );
  fc.assert(fc.property(fc.array(word), (words) => {
    deepStrictEqual(splitWords(words.join("  ")), { kind: "words", words });
  }));
});
