/**
 * The same reading as compose-go's, which testdata/README.md tells how to record. What is meant to
 * differ is taken out on both sides (testing/meant_readings.ts).
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { ComposeModel } from "./model.ts";
import { formatProblem } from "./problem.ts";
import { readCompose, type ReadResult } from "./read.ts";
import { renderConfig } from "./render.ts";
import { withoutMeant } from "./testing/same.ts";

/** `stacks`: well-known applications, written by hand as their own documents have them. */
const FOLDERS = ["goldens", "stacks"] as const;
type Folder = typeof FOLDERS[number];
const ENVIRONMENT = {
  HOME: "/home/user",
  GREETING: "hello",
  EMPTY: "",
  OVERRIDDEN: "from-environment",
};

function textOf(folder: Folder, path: string): string | null {
  if (!path.startsWith("/project/")) return null;
  try {
    return Deno.readTextFileSync(
      new URL(`./testdata/${folder}/${path.slice("/project/".length)}`, import.meta.url),
    );
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return null;
    throw thrown;
  }
}

function read(folder: Folder, files: { path: string; text: string }[]): ReadResult {
  return readCompose({
    files,
    projectDirectory: "/project",
    environment: ENVIRONMENT,
    profiles: ["*"],
    projectName: "p",
    readFile: (path) => {
      const text = textOf(folder, path);
      return text === null ? { kind: "missing" } : { kind: "text", text };
    },
  });
}

function readNamed(folder: Folder, name: string): ReadResult {
  const files = [];
  for (const file of [`${name}.yaml`, `${name}.override.yaml`]) {
    const text = textOf(folder, `/project/${file}`);
    if (text !== null) files.push({ path: `/project/${file}`, text });
  }
  return read(folder, files);
}

function namesIn(folder: Folder): string[] {
  return [...Deno.readDirSync(new URL(`./testdata/${folder}/`, import.meta.url))]
    .map((entry) => entry.name).filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length)).sort();
}

Deno.test("there are goldens", () => {
  ok(namesIn("goldens").length >= 25);
  ok(namesIn("stacks").length >= 20);
});

for (const folder of FOLDERS) for (const name of namesIn(folder)) compare(folder, name);

function compare(folder: Folder, name: string): void {
  Deno.test(`reads ${folder}/${name} as compose-go does`, () => {
    const result = readNamed(folder, name);
    if (result.kind === "problems") {
      throw new Error(result.problems.map(formatProblem).join("\n"));
    }
    ComposeModel.parse(result.model);
    const golden = z.json().parse(JSON.parse(textOf(folder, `/project/${name}.json`) ?? ""));
    const rendered = z.json().parse(JSON.parse(renderConfig(result.model, "json")));
    deepStrictEqual(withoutMeant(rendered, "ours"), withoutMeant(golden, "theirs"));
  });

  Deno.test(`reads what it printed of ${folder}/${name} as the same model`, () => {
    const first = readNamed(folder, name);
    ok(first.kind === "ok");
    for (const format of ["yaml", "json"] as const) {
      const text = renderConfig(first.model, format);
      const again = read(folder, [{ path: "/project/again.yaml", text }]);
      if (again.kind === "problems") throw new Error(again.problems.map(formatProblem).join("\n"));
      deepStrictEqual(again.model, first.model);
      strictEqual(renderConfig(again.model, format), text);
    }
  });
}
