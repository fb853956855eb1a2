/** A compose file on its way into a tree, and how it is read. */
import { posix } from "node:path";
import { parseFile } from "./parse.ts";
import { type Place, type Problems, quoted } from "./problem.ts";
import type { ReadFile } from "./reading.ts";
import type { Lookup } from "./substitute.ts";
import type { MapNode } from "./tree.ts";

export interface Sources {
  readonly problems: Problems;
  readonly readFile: ReadFile;
  /** Where the relative paths of a file start, by the file's path; it grows as files are taken in. */
  readonly directories: Map<string, string>;
}

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** As parsed, nothing filled in. */
  readonly tree: MapNode;
}

/** How a set of files is read: against which folder, with which variables, included by whom. */
export interface Scope {
  readonly directory: string;
  readonly lookup: Lookup;
  /** Files that are being taken in, the outermost first. */
  readonly chain: readonly string[];
}

/**
 * The file that another one names, or null with the fault told. A file has one folder that
 * its paths are against: where it is taken in twice against two, that is a fault too.
 */
export function openNamed(
  sources: Sources,
  at: Place,
  path: string,
  directory: string,
): SourceFile | null {
  const { problems, directories } = sources;
  const file = sources.readFile(path);
  if (file.kind !== "text") {
    const why = file.kind === "missing" ? "does not exist" : `cannot be read: ${file.reason}`;
    problems.report(at, "file", `the file ${quoted(path)} ${why}`, "correct its path");
    return null;
  }
  const before = directories.get(path);
  if (before !== undefined && before !== directory) {
    problems.report(
      at,
      "file",
      `${quoted(path)} is taken in twice, with paths against ${quoted(before)} and ${
        quoted(directory)
      }`,
      "name one project_directory for both",
    );
    return null;
  }
  const tree = parseFile(path, file.text, problems);
  if (tree === null) return null;
  directories.set(path, directory);
  return { path, tree };
}

/** The absolute path that a file of `scope` means. */
export function pathIn(scope: Pick<Scope, "directory">, path: string): string {
  return posix.resolve(scope.directory, path);
}
