/** What a project's files come to: all that a plan or a release of it carries. */
import { LIMITS } from "../api/limits.ts";
import type { ComposePart, PlanRequest } from "../api/release.ts";
import type { ComposeModel } from "../compose/model.ts";
import { SkerryError } from "../errors.ts";
import { type CarriedFiles, collectFiles, here, type Place } from "./carried_files.ts";
import { unreadable } from "./folder.ts";

/** A project as its compose files were read. */
export interface ReadProject {
  readonly model: ComposeModel;
  /** The first file's folder. */
  readonly sourceFolder: string;
  /** Things to know, each with its place. */
  readonly notes: readonly string[];
  /** A variable that a secret or config names, as the files see it; undefined: not set. */
  readonly variable: (name: string) => string | undefined;
}

/** What was read and is ready to be planned or released. */
export interface Prepared {
  readonly project: string;
  readonly model: ComposeModel;
  readonly part: ComposePart;
  readonly carried: CarriedFiles;
  readonly secretValues: Readonly<Record<string, string>>;
}

/** Configs that are a variable's value travel as content. */
export function inlineConfigs(
  model: ComposeModel,
  variable: ReadProject["variable"],
): ComposeModel {
  const configs = Object.entries(model.configs).map(([key, config]) => {
    if (config.environment === undefined) return [key, config] as const;
    return [key, { name: config.name, content: setValue(config.environment, variable) }] as const;
  });
  return { ...model, configs: Object.fromEntries(configs) };
}

function setValue(name: string, variable: ReadProject["variable"]): string {
  const value = variable(name);
  if (value !== undefined) return value;
  throw new Error(`the variable ${name} is not set, which was not checked before`);
}

/** Throws one error that names every secret and config whose variable is not set. */
function checkVariables({ model, variable }: ReadProject): void {
  const unset: string[] = [];
  const names = new Set<string>();
  for (const kind of ["secret", "config"] as const) {
    for (const [key, { environment }] of Object.entries(model[`${kind}s`])) {
      if (environment === undefined || variable(environment) !== undefined) continue;
      unset.push(`the ${kind} "${key}" is the variable ${environment}, which is not set`);
      names.add(environment);
    }
  }
  if (unset.length === 0) return;
  throw new SkerryError(
    "variable_not_set",
    unset.join("; "),
    `set ${[...names].join(" and ")} where you call skerry, or in .env`,
  );
}

async function secretValues(
  { model, variable }: ReadProject,
  place: Place,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [key, { file, environment }] of Object.entries(model.secrets)) {
    if (file !== undefined) values[key] = (await secretFile(file, place)).toBase64();
    if (environment === undefined) continue;
    values[key] = new TextEncoder().encode(setValue(environment, variable)).toBase64();
  }
  return values;
}

async function secretFile(path: string, place: Place): Promise<Uint8Array> {
  const content = await Deno.readFile(place(path)).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (content.length <= LIMITS.secretBytes) return content;
  throw new SkerryError(
    "too_large",
    `the secret's file "${path}" is over ${LIMITS.secretBytes} bytes`,
    "a file of that size goes into a volume",
  );
}

/**
 * Reads and hashes everything that an apply of this project carries.
 * @param place where a path that the model names lies on this machine
 */
export async function prepare(read: ReadProject, place: Place = here): Promise<Prepared> {
  checkVariables(read);
  const model = inlineConfigs(read.model, read.variable);
  const carried = await collectFiles(model, read.sourceFolder, place);
  return {
    project: model.name,
    model,
    carried,
    secretValues: await secretValues(read, place),
    part: {
      model,
      files: carried.files,
      builds: {},
      sourceFolder: read.sourceFolder,
    },
  };
}

/** The question what a release of it would change. */
export function planRequest(prepared: Prepared, pull: boolean): PlanRequest {
  return {
    parts: { compose: prepared.part },
    secretValues: { ...prepared.secretValues },
    ...(pull ? { pull } : {}),
  };
}
