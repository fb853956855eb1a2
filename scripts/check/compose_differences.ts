/**
 * The page of differences to compose-go, made from the tables by which the comparison lets them
 * pass: `deno run -A scripts/check/compose_differences.ts` writes it, `deno task check` sees that
 * it is true.
 */
import { MEANT_READINGS } from "../../shared/compose/testing/meant_readings.ts";
import { MEANT_ACCEPTANCES, MEANT_REFUSALS } from "../../shared/compose/testing/meant_verdicts.ts";

const PAGE = new URL("../../ui/docs/compose-differences.md", import.meta.url);

const HEAD = `<!-- deno-fmt-ignore-file -->

# Where Skerry differs from docker compose

\`skerry config -o json\` is compared with compose-go, the library under \`docker compose\`: over
every golden of the reader and over thousands of made files, valid ones and nearly valid ones
(\`deno task same\`). Both give the same model, or both refuse; what may differ is on this page, and
nothing else.

<!-- Made by scripts/check/compose_differences.ts; do not edit by hand. -->
`;

const row = (...cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\\\|")).join(" | ")} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(...head), row(...head.map(() => "---")), ...rows.map((cells) => row(...cells))]
    .join("\n");
}

/** The whole page. Pure. */
export function differencesPage(): string {
  return `${HEAD}
## Printed otherwise

${
    table(
      ["compose-go", "Skerry", "why"],
      MEANT_READINGS.map(({ theirs, ours, reason }) => [theirs, ours, reason]),
    )
  }

## Read by docker compose, refused here

${table(["what", "why"], MEANT_REFUSALS.map(({ what, reason }) => [what, reason]))}

## Refused by compose-go, read here

${table(["what", "why"], MEANT_ACCEPTANCES.map(({ what, reason }) => [what, reason]))}

## Project names

A project is named as under \`docker compose\`: by \`-p\`, else \`COMPOSE_PROJECT_NAME\`, else the
top-level \`name\`, else the folder of the first file. The first two are refused where they are not
lower-case letters, digits, \`-\` and \`_\` beginning with a letter or digit; the others are brought
into that form. Nothing differs but the length: more than 63 characters are refused here.
`;
}

/** Null, or what is to be done. */
export async function differencesFault(): Promise<string | null> {
  const written = await Deno.readTextFile(PAGE).catch(() => "");
  return written === differencesPage()
    ? null
    : "ui/docs/compose-differences.md is not what the comparison lets pass: " +
      "deno run -A scripts/check/compose_differences.ts";
}

if (import.meta.main) await Deno.writeTextFile(PAGE, differencesPage());
