/**
 * The names of projects: ours and compose-go's, for the ways of giving one. Ours are the design's:
 * `-p` before COMPOSE_PROJECT_NAME before `name` before the folder.
 */
import fc from "fast-check";
import { readCompose } from "../../shared/compose/read.ts";
import type { ComposeGo } from "./compose_go.ts";

export interface NameCase {
  readonly option: string | null;
  readonly variable: string | null;
  /** Top-level `name`. */
  readonly written: string | null;
  readonly folder: string;
}

const name = fc.constantFrom(
  "shop",
  "my-shop",
  "Shop",
  "My Shop!",
  "_x",
  "-y",
  "9",
  "é",
  "...",
  "a.b",
  "A_B",
  "x".repeat(63),
);

export const nameCases: fc.Arbitrary<NameCase> = fc.noBias(fc.record({
  option: fc.option(name, { freq: 2 }),
  variable: fc.option(name, { freq: 2 }),
  written: fc.option(name, { freq: 2 }),
  folder: name.filter((one) => !/^\.+$/.test(one)),
}));

const textOf = ({ written }: NameCase) =>
  `${written === null ? "" : `name: ${JSON.stringify(written)}\n`}services: {a: {image: x}}\n`;

const environmentOf = ({ variable }: NameCase): Record<string, string> =>
  variable === null ? {} : { COMPOSE_PROJECT_NAME: variable };

/** The name by our rule; null: refused. */
export function ourName(given: NameCase): string | null {
  const folder = `/srv/${given.folder}`;
  const result = readCompose({
    files: [{ path: `${folder}/compose.yaml`, text: textOf(given) }],
    projectDirectory: folder,
    environment: environmentOf(given),
    profiles: [],
    projectName: given.option,
    readFile: () => ({ kind: "missing" }),
  });
  return result.kind === "ok" ? result.model.name : null;
}

/** The name by compose-go; null: refused. */
export async function theirName(
  composeGo: ComposeGo,
  root: string,
  given: NameCase,
): Promise<string | null> {
  const folder = `${root}/${given.folder}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/compose.yaml`, textOf(given));
  const answer = await composeGo.ask({
    files: [`${folder}/compose.yaml`],
    dir: folder,
    name: given.option ?? "",
    profiles: [],
    environment: environmentOf(given),
  });
  if ("error" in answer) return null;
  const { model } = answer;
  if (typeof model !== "object" || model === null || Array.isArray(model)) return null;
  return typeof model["name"] === "string" ? model["name"] : null;
}
