/** A made project on disk, and what both readers say of it. */
import { dirname } from "node:path";
import { readCompose, type ReadResult } from "../../shared/compose/read.ts";
import {
  MADE_DOTENV,
  MADE_ENV_FILE,
  MADE_ENVIRONMENT,
  type MadeFiles,
} from "../../shared/compose/testing/made_files.ts";
import type { Answer } from "../../shared/compose/testing/same.ts";
import type { ComposeGo } from "./compose_go.ts";

/** The folder as it stands in recorded answers. */
export const RECORDED_FOLDER = "/project";

/** Writes what every project finds beside its files. */
export async function prepareFolder(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/e.env`, MADE_ENV_FILE);
  await Deno.writeTextFile(`${folder}/.env`, MADE_DOTENV);
}

/** compose-go's answer, with {@link RECORDED_FOLDER} in place of the folder that it read from. */
export async function theirAnswer(
  composeGo: ComposeGo,
  folder: string,
  { texts }: MadeFiles,
): Promise<Answer> {
  const files = texts.map((_, at) => `${folder}/${at}.yaml`);
  for (const [at, text] of texts.entries()) await Deno.writeTextFile(`${folder}/${at}.yaml`, text);
  const answer = await composeGo.ask({
    files,
    dir: folder,
    name: "p",
    profiles: ["*"],
    environment: MADE_ENVIRONMENT,
  });
  const text = JSON.stringify(answer)
    .replaceAll(folder, RECORDED_FOLDER)
    .replaceAll(`"${dirname(folder)}/`, '"/');
  return JSON.parse(text);
}

/** Our own. */
export function ourReading({ texts }: MadeFiles): ReadResult {
  return readCompose({
    files: texts.map((text, at) => ({ path: `${RECORDED_FOLDER}/${at}.yaml`, text })),
    projectDirectory: RECORDED_FOLDER,
    environment: MADE_ENVIRONMENT,
    profiles: ["*"],
    projectName: "p",
    readFile: (path) => {
      if (path === `${RECORDED_FOLDER}/e.env`) return { kind: "text", text: MADE_ENV_FILE };
      if (path === `${RECORDED_FOLDER}/.env`) return { kind: "text", text: MADE_DOTENV };
      const at = /^\/project\/([01])\.yaml$/.exec(path)?.[1];
      const text = at === undefined ? undefined : texts[Number(at)];
      return text === undefined ? { kind: "missing" } : { kind: "text", text };
    },
  });
}
