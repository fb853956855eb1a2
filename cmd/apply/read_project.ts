/** Finds and reads the compose files that a command means. */
import { dirname, join, resolve } from "node:path";
import {
  type FileText,
  formatProblem,
  MAX_FILE_BYTES,
  readCompose,
} from "../../shared/compose/mod.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { unreadable } from "../../shared/project/folder.ts";
import type { ReadProject } from "../../shared/project/prepare.ts";

export interface ReadWhat {
  /** As written after -f; empty: they are looked for. */
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  /** As written after --profile. */
  readonly profiles: readonly string[];
  /** As written after -p. */
  readonly projectName: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const OVERRIDES = [
  "compose.override.yaml",
  "compose.override.yml",
  "docker-compose.override.yaml",
  "docker-compose.override.yml",
];

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not for us.
    return false;
  }
}

/** The compose files in a folder or the nearest one above it, as Compose looks for them. */
function lookFor(cwd: string): string[] {
  for (let folder = cwd;; folder = dirname(folder)) {
    const name = NAMES.find((each) => isFile(join(folder, each)));
    if (name !== undefined) {
      const override = OVERRIDES.find((each) => isFile(join(folder, each)));
      return [name, ...(override === undefined ? [] : [override])].map((each) =>
        join(folder, each)
      );
    }
    if (folder === dirname(folder)) break;
  }
  throw new SkerryError(
    "no_compose_file",
    `there is no ${NAMES.join(", ")} in "${cwd}" or above it`,
    "name the file with -f",
  );
}

/** Absolute paths of the files that are meant: -f, else COMPOSE_FILE, else those that are found. */
export function filesOf(what: ReadWhat): string[] {
  if (what.files.length > 0) return what.files.map((file) => resolve(what.cwd, file));
  const listed = what.env["COMPOSE_FILE"] ?? "";
  const separator = what.env["COMPOSE_PATH_SEPARATOR"] ?? ":";
  if (listed === "") return lookFor(what.cwd);
  return listed.split(separator === "" ? ":" : separator).filter((file) => file !== "")
    .map((file) => resolve(what.cwd, file));
}

/** A file's text; never throws. One over the reader's limit is not read. */
function readText(path: string): FileText {
  try {
    const { size, isFile } = Deno.statSync(path);
    if (!isFile) return { kind: "unreadable", reason: "it is not a file" };
    if (size > MAX_FILE_BYTES) {
      return { kind: "unreadable", reason: `it has ${size} bytes, at most ${MAX_FILE_BYTES}` };
    }
    return { kind: "text", text: Deno.readTextFileSync(path) };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return { kind: "missing" };
    return { kind: "unreadable", reason: messageOf(thrown) };
  }
}

function composeText(path: string): string {
  const file = readText(path);
  switch (file.kind) {
    case "text":
      return file.text;
    case "missing":
      throw new SkerryError("no_compose_file", `there is no file "${path}"`, "name it with -f");
    case "unreadable":
      throw unreadable(path, new Error(file.reason));
  }
}

function defined(env: ReadWhat["env"]): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) set[name] = value;
  return set;
}

/** Reads a project, or throws one error that names all that is wrong, line by line. */
export function readProject(what: ReadWhat): ReadProject {
  const files = filesOf(what);
  const first = files[0] ?? what.cwd;
  const sourceFolder = dirname(first);
  const environment = defined(what.env);
  const envFiles = what.envFiles.map((file) => resolve(what.cwd, file));
  const result = readCompose({
    files: files.map((path) => ({ path, text: composeText(path) })),
    projectDirectory: sourceFolder,
    environment,
    projectName: what.projectName,
    profiles: what.profiles,
    ...(envFiles.length === 0 ? {} : { envFiles }),
    readFile: readText,
  });
  switch (result.kind) {
    case "problems":
      throw new SkerryError(
        "compose",
        result.problems.map(formatProblem).join("\n"),
        "nothing was done; mend the above, then look with `skerry config`",
      );
    case "ok":
      return {
        model: result.model,
        sourceFolder,
        notes: result.notes.map(formatProblem),
        variable: (name) => result.variables[name] ?? undefined,
      };
  }
}
