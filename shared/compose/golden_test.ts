/**
 * The same reading as compose-go's, which testdata/README.md tells how to record. Where ours is
 * meant to differ, `meant` takes the difference out on both sides.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { childPath } from "./key_path.ts";
import { ComposeModel } from "./model.ts";
import { NOTED } from "./noted_keys.ts";
import { formatProblem } from "./problem.ts";
import { readCompose, type ReadResult } from "./read.ts";
import { renderConfig } from "./render.ts";

const folder = new URL("./testdata/goldens/", import.meta.url);
const ENVIRONMENT = {
  HOME: "/home/user",
  GREETING: "hello",
  EMPTY: "",
  OVERRIDDEN: "from-environment",
};

function textOf(path: string): string | null {
  if (!path.startsWith("/project/")) return null;
  try {
    return Deno.readTextFileSync(new URL(path.slice("/project/".length), folder));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return null;
    throw thrown;
  }
}

function read(files: { path: string; text: string }[]): ReadResult {
  return readCompose({
    files,
    projectDirectory: "/project",
    environment: ENVIRONMENT,
    profiles: ["*"],
    projectName: "p",
    readFile: (path) => {
      const text = textOf(path);
      return text === null ? { kind: "missing" } : { kind: "text", text };
    },
  });
}

function readNamed(name: string): ReadResult {
  const files = [];
  for (const file of [`${name}.yaml`, `${name}.override.yaml`]) {
    const text = textOf(`/project/${file}`);
    if (text !== null) files.push({ path: `/project/${file}`, text });
  }
  return read(files);
}

/** The target of a config or secret as ours: absolute, and left out where it is a config's default. */
function withTarget(use: object, list: string): object {
  if (!("source" in use && "target" in use)) return use;
  const { target, ...rest } = use;
  if (list === "configs" && target === `/${rest.source}`) return rest;
  return { ...rest, target: String(target).replace(/^(?!\/)/, "/run/secrets/") };
}

/** Read into something else, or nothing: not printed by us. */
const NOT_PRINTED = new Set([...Object.keys(NOTED), "services.*.logging"]);

/** Empty mappings that compose-go prints, extensions, `env_file`, noted keys, and our doubled `$`. */
function meant(value: unknown, key: string, ours: boolean, path = ""): unknown {
  if (typeof value === "string") return ours ? value.replaceAll("$$", "$") : value;
  if (Array.isArray(value)) {
    return value.map((item) => {
      const uses = key === "configs" || key === "secrets";
      const one = uses && typeof item === "object" ? withTarget(item, key) : item;
      return meant(one, key, ours, `${path}[]`);
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    const below = childPath(path, name);
    if (name.startsWith("x-") || name === "env_file" || NOT_PRINTED.has(below)) continue;
    const empty = typeof inner === "object" && inner !== null && Object.keys(inner).length === 0;
    const shown = meant(inner, name, ours, below);
    if (isEmpty(shown) && !empty && ["placement", "ipam"].includes(name)) continue;
    if (empty && ["bind", "volume", "tmpfs", "ipam", "placement"].includes(name)) continue;
    if (empty && key === "deploy") continue;
    kept.push([name, shown]);
  }
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

const names = [...Deno.readDirSync(folder)].map((entry) => entry.name)
  .filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length)).sort();

Deno.test("there are goldens", () => ok(names.length >= 25, `${names.length}`));

for (const name of names) {
  Deno.test(`reads ${name} as compose-go does`, () => {
    const result = readNamed(name);
    if (result.kind === "problems") {
      throw new Error(result.problems.map(formatProblem).join("\n"));
    }
    ComposeModel.parse(result.model);
    const golden: unknown = JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, folder)));
    const rendered: unknown = JSON.parse(renderConfig(result.model, "json"));
    deepStrictEqual(meant(rendered, "", true), meant(golden, "", false));
  });

  Deno.test(`reads what it printed of ${name} as the same model`, () => {
    const first = readNamed(name);
    ok(first.kind === "ok");
    for (const format of ["yaml", "json"] as const) {
      const text = renderConfig(first.model, format);
      const again = read([{ path: "/project/again.yaml", text }]);
      if (again.kind === "problems") throw new Error(again.problems.map(formatProblem).join("\n"));
      deepStrictEqual(again.model, first.model);
      strictEqual(renderConfig(again.model, format), text);
    }
  });
}
