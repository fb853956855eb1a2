/** A held upload as a project: read as `skerry apply` reads a folder, under a path of its own. */
import { join, relative } from "node:path";
import {
  type FileText,
  MAX_FILE_BYTES,
  type Problem,
  readCompose,
} from "../../shared/compose/mod.ts";
import { SkerryError } from "../../shared/errors.ts";
import { isWithin, type Place } from "../../shared/project/carried_files.ts";
import type { ReadProject } from "../../shared/project/prepare.ts";
import { shownEntry } from "./entry_names.ts";
import type { HeldUpload } from "./held_uploads.ts";
import { PASTED_NAME } from "./bounds.ts";

/** Where uploads seem to lie; nothing of the host is found there. */
export const UPLOAD_ROOT = "/upload";

const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const OVERRIDES = [
  "compose.override.yaml",
  "compose.override.yml",
  "docker-compose.override.yaml",
  "docker-compose.override.yml",
];

/** A fault of a compose file, with the line that it is in. */
export interface ShownProblem extends Omit<Problem, "file"> {
  /** Relative to the upload. */
  readonly file: string;
  /** The line as it stands there; null: it cannot be shown. */
  readonly source: string | null;
}

/** A variable that the compose files ask for. */
export interface AskedVariable {
  readonly name: string;
  /** What it is without being set; null: nothing, so that it is empty. */
  readonly fallback: string | null;
  readonly required: boolean;
  /** `.env` of the upload has it. */
  readonly inFile: boolean;
}

export type ReadUpload =
  & {
    /** Relative to the upload, in the order that they are merged. */
    readonly files: readonly string[];
    readonly variables: readonly AskedVariable[];
  }
  & (
    | {
      readonly kind: "ok";
      readonly project: ReadProject;
      /** Where it came from, for people. */
      readonly origin: string;
      readonly notes: readonly ShownProblem[];
      /** Where a path of the model lies on disk; throws for one outside of the upload. */
      readonly place: Place;
    }
    | { readonly kind: "problems"; readonly problems: readonly ShownProblem[] }
  );

/** The compose file of an upload with its override: the one that lies least deep. */
export function composeFilesOf(paths: readonly string[]): string[] {
  const [only] = paths;
  if (paths.length === 1 && only !== undefined && /\.ya?ml$/i.test(only)) return [only];
  const depth = (path: string) => path.split("/").length;
  const found = paths.filter((path) => NAMES.includes(path.split("/").at(-1) ?? ""));
  const least = Math.min(...found.map(depth));
  const folders = new Set(
    found.filter((path) => depth(path) === least).map((path) =>
      path.split("/").slice(0, -1).join("/")
    ),
  );
  const [folder, other] = [...folders].sort();
  if (folder === undefined) {
    throw new SkerryError(
      "no_compose_file",
      `there is no ${NAMES.join(", ")} in the upload`,
      "Choose the folder that the compose file lies in.",
    );
  }
  if (other !== undefined) {
    throw new SkerryError(
      "many_compose_files",
      `there is a compose file in ${[...folders].sort().slice(0, 5).map(shownEntry).join(" and ")}`,
      "Choose one of these folders.",
    );
  }
  const inFolder = (names: readonly string[]) =>
    names.map((name) => folder === "" ? name : `${folder}/${name}`)
      .find((path) => paths.includes(path));
  const [file, override] = [inFolder(NAMES), inFolder(OVERRIDES)];
  return [...file === undefined ? [] : [file], ...override === undefined ? [] : [override]];
}

/** A part of a default: what is nested ends where a further brace opens, so that no text takes long. */
const PART = String.raw`(?:[^{}]|\$\{(?:[^{}]|\$\{[^{}]*\})*\})*`;
const VARIABLE = new RegExp(
  String.raw`\$\$|\$(?:\{([A-Za-z_]\w*)(?:(:?[-?+])(${PART}))?\}|([A-Za-z_]\w*))`,
  "g",
);

/** Names that a `.env` sets. */
function namesIn(dotenv: string): ReadonlySet<string> {
  return new Set(
    dotenv.split("\n").flatMap((line) =>
      /^(?:export\s+)?([A-Za-z_]\w*)\s*[=:]/.exec(line.trim())?.[1] ?? []
    ),
  );
}

/** What the files' texts ask for, in their order. */
export function variablesIn(
  texts: readonly string[],
): Omit<AskedVariable, "inFile">[] {
  const found = new Map<string, Omit<AskedVariable, "inFile">>();
  for (const text of texts) {
    const lines = text.split("\n").filter((line) => !/^\s*#/.test(line)).join("\n");
    for (const [, braced, sign, rest, bare] of lines.matchAll(VARIABLE)) {
      const name = braced ?? bare;
      if (name === undefined || name.startsWith("COMPOSE_")) continue;
      const required = sign?.endsWith("?") === true;
      const fallback = sign?.endsWith("-") === true ? rest ?? "" : null;
      const before = found.get(name);
      found.set(name, {
        name,
        fallback: before?.fallback ?? fallback,
        required: required || before?.required === true,
      });
    }
  }
  return [...found.values()];
}

/** The folder's name of what came without one; a project that is called so has no name. */
const NAMELESS = "nameless-upload";

/** Where it came from, for people: no folder of the box. */
function sourceOf(name: string | null, files: readonly string[]): string {
  if (name !== null) return `uploaded on the page: ${name.slice(0, 200)}`;
  return files.join() === PASTED_NAME ? "pasted on the page" : "uploaded on the page";
}

/** The folder's name as it may stand in a path. */
function folderName(name: string | null): string {
  const clean = (name ?? "").replace(/[^a-zA-Z0-9._-]+/g, "-").replace(/^[.-]+/, "").slice(0, 63);
  return clean === "" ? NAMELESS : clean;
}

function listFiles(folder: string): string[] {
  const found: string[] = [];
  const visit = (at: string) => {
    for (const entry of Deno.readDirSync(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory) visit(path);
      else if (entry.isFile) found.push(relative(folder, path));
    }
  };
  visit(folder);
  return found.sort();
}

/** The whole of what an upload says. Throws where there is no compose file to read. */
export function readUpload(upload: HeldUpload): ReadUpload {
  const paths = listFiles(upload.folder);
  const files = composeFilesOf(paths);
  const directory = (files[0] ?? "").split("/").slice(0, -1).join("/");
  // A project is named after its folder: the top one is called as it was on the other machine.
  const base = directory === "" ? `${UPLOAD_ROOT}/${folderName(upload.name)}` : UPLOAD_ROOT;
  const place = (path: string) => {
    const way = isWithin(base, path) ? relative(base, path) : null;
    return way === null ? null : join(upload.folder, way);
  };
  const texts = new Map<string, string>();
  const readFile = (path: string): FileText => {
    const lies = place(path);
    if (lies === null) return { kind: "unreadable", reason: "it does not lie in the upload" };
    try {
      const { size, isFile } = Deno.statSync(lies);
      if (!isFile) return { kind: "unreadable", reason: "it is not a file" };
      if (size > MAX_FILE_BYTES) {
        return { kind: "unreadable", reason: `it has ${size} bytes, at most ${MAX_FILE_BYTES}` };
      }
      const text = new TextDecoder().decode(Deno.readFileSync(lies));
      texts.set(path, text);
      return { kind: "text", text };
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) return { kind: "missing" };
      if (thrown instanceof Deno.errors.NotADirectory) return { kind: "missing" };
      throw thrown;
    }
  };
  const absolute = files.map((file) => `${base}/${file}`);
  const sources = absolute.map((path) => {
    const file = readFile(path);
    if (file.kind === "text") return { path, text: file.text };
    throw new SkerryError(
      "no_compose_file",
      `the file ${shownEntry(relative(base, path))} cannot be read: ${
        file.kind === "missing" ? "it is missing" : file.reason
      }`,
      null,
    );
  });
  const projectDirectory = directory === "" ? base : `${base}/${directory}`;
  const result = readCompose({
    files: sources,
    projectDirectory,
    environment: upload.variables,
    projectName: upload.projectName,
    profiles: [],
    readFile,
  });
  const shown = (problem: Problem): ShownProblem => ({
    ...problem,
    file: relative(base, problem.file),
    source: texts.get(problem.file)?.split("\n")[problem.line - 1]?.slice(0, 400) ?? null,
  });
  const inFile = namesIn(texts.get(`${projectDirectory}/.env`) ?? "");
  const variables = variablesIn(sources.map(({ text }) => text)).map((each) => ({
    ...each,
    inFile: inFile.has(each.name),
  }));
  if (result.kind === "problems") {
    return { kind: "problems", files, variables, problems: result.problems.map(shown) };
  }
  const { model } = result;
  if (model.name === NAMELESS) {
    const [file = ""] = files;
    const nameless = {
      file,
      line: 1,
      column: 1,
      code: "project-name",
      message: "the project has no name: the file says none, and it came without a folder",
      remedy: 'write "name: NAME" at its top, or type one into the field Project',
      source: sources[0]?.text.split("\n")[0]?.slice(0, 400) ?? null,
    };
    return { kind: "problems", files, variables, problems: [nameless] };
  }
  return {
    kind: "ok",
    files,
    variables,
    notes: result.notes.map(shown),
    origin: sourceOf(upload.name, files),
    place: (path) => {
      const lies = place(path);
      if (lies !== null) return lies;
      throw new SkerryError(
        "outside_upload",
        `${shownEntry(path)} does not lie in the upload`,
        "Only files of the uploaded folder can travel; run `skerry apply` where the other file is.",
      );
    },
    project: {
      model,
      sourceFolder: projectDirectory,
      notes: [],
      variable: (name) => result.variables[name] ?? undefined,
    },
  };
}
