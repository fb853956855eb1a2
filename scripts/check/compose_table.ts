/**
 * The table of compose keys in the documentation, made from the reader's own tables:
 * `deno run -A scripts/check/compose_table.ts` writes it, `deno task check` sees that it is true.
 */
import { CARRIED } from "../../shared/compose/carried_keys.ts";
import { NOTED } from "../../shared/compose/noted_keys.ts";
import { REFUSED } from "../../shared/compose/refused_keys.ts";

export const COMPOSE_TABLE = new URL("../../ui/docs/compose.md", import.meta.url);

const HEAD = `<!-- deno-fmt-ignore-file -->

# Compose files

Skerry reads the files of the [Compose Specification](https://github.com/compose-spec/compose-spec) as
\`docker compose\` does, with \`extends\`, \`include\`, \`profiles\`, \`!reset\`, \`!override\`, \`.env\` and
several files by \`-f\`. Each of its keys is either **carried out**; or accepted with a **note**,
because it cannot change what you get here; or **refused** with the reason and what to write instead.
Nothing is passed over in silence. \`skerry config\` shows what a file means.

<!-- Made by scripts/check/compose_table.ts; do not edit by hand. -->

| key | what becomes of it | |
|---|---|---|
`;

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("*", "\\*").replaceAll("<", "\\<");
}

/** The whole page. Pure. */
export function composeTable(): string {
  const rows = new Map<string, string>();
  for (const [path, keys] of Object.entries(CARRIED)) {
    for (const key of keys) {
      rows.set(path === "" ? key : `${path}.${key}`, "carried out | ");
    }
  }
  for (const [key, note] of Object.entries(NOTED)) rows.set(key, `note | ${cell(note)}`);
  for (const [key, { reason, remedy }] of Object.entries(REFUSED)) {
    rows.set(key, `refused | ${cell(reason === "" ? remedy : `${reason}; ${remedy}`)}`);
  }
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, row]) => `| \`${key}\` | ${row} |`.replace("|  |", "| |"));
  return `${HEAD}${lines.join("\n")}\n`;
}

/** Null, or what is to be done. */
export async function composeTableFault(): Promise<string | null> {
  const written = await Deno.readTextFile(COMPOSE_TABLE).catch(() => "");
  return written === composeTable()
    ? null
    : "ui/docs/compose.md is not what the tables of keys say: deno run -A scripts/check/compose_table.ts";
}

if (import.meta.main) await Deno.writeTextFile(COMPOSE_TABLE, composeTable());
