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
  if (typeof value === "string") {
    if (ours) return value.replaceAll("$$", "$");
    return key === "source" && value.length > 1 ? value.replace(/\/$/, "") : value;
  }
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
    if (
      name.startsWith("x-") || name === "env_file" ||
      name === "label_file" || NOT_PRINTED.has(below)
    ) continue;
    const empty = typeof inner === "object" && inner !== null && Object.keys(inner).length === 0;
    const shown = meant(inner, name, ours, below);
    if (isEmpty(shown) && !empty && ["placement", "ipam"].includes(name)) continue;
    if (empty && ["bind", "volume", "tmpfs", "ipam", "placement"].includes(name)) continue;
    if (empty && key === "deploy") continue;
    if (empty && key === "networks" && path !== "networks") {
      kept.push([name, null]);
      continue;
    }
    kept.push([name, shown]);
  }
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
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
    const golden: unknown = JSON.parse(textOf(folder, `/project/${name}.json`) ?? "");
    const rendered: unknown = JSON.parse(renderConfig(result.model, "json"));
    deepStrictEqual(meant(rendered, "", true), meant(golden, "", false));
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
