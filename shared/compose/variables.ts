/** Variables for interpolation: of the environment, and of `.env` and its like below them. */
import { parseDotenv } from "./dotenv.ts";
import { isUsableText } from "./file_text.ts";
import type { Problems } from "./problem.ts";
import type { ReadFile } from "./reading.ts";
import type { Lookup } from "./substitute.ts";

export interface VariableFiles {
  /** Absolute. */
  readonly paths: readonly string[];
  /** A file that does not exist is a fault; false: it is as if it were empty. */
  readonly required: boolean;
}

/** What `outer` has, and below it what the files have; a later file goes before an earlier one. */
export function variablesOf(
  outer: Lookup,
  files: VariableFiles,
  readFile: ReadFile,
  problems: Problems,
): Lookup {
  const found = new Map<string, string>();
  for (const path of files.paths) {
    const file = readFile(path);
    const start = { file: path, line: 1, column: 1 };
    switch (file.kind) {
      case "missing":
        if (files.required) {
          problems.report(
            start,
            "env-file",
            "the file does not exist",
            "make it, or name another one",
          );
        }
        break;
      case "unreadable":
        problems.report(
          start,
          "env-file",
          `the file cannot be read: ${file.reason}`,
          "let it be read",
        );
        break;
      case "text": {
        if (!isUsableText(path, file.text, problems)) break;
        const known: Lookup = (name) => outer(name) ?? found.get(name);
        for (const [name, value] of parseDotenv(path, file.text, known, problems)) {
          found.set(name, value);
        }
      }
    }
  }
  return (name) => outer(name) ?? found.get(name);
}
