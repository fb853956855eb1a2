/** Paths of the machine that reads: absolute, against the project's folder. */
import { posix } from "node:path";
import type { Place } from "./problem.ts";
import type { Reading } from "./reading.ts";

/** The absolute path, against the folder that the file at `at` belongs to; `~` is HOME. */
export function hostPath(reading: Reading, path: string, at: Place): string {
  if (path === "~" || path.startsWith("~/")) {
    const home = reading.lookup("HOME");
    if (home !== undefined && home.startsWith("/")) return posix.join(home, path.slice(1));
  }
  return posix.resolve(reading.directories.get(at.file) ?? reading.projectDirectory, path);
}

/** A path in a container without `.`, `..` and doubled slashes, or null where it is not absolute. */
export function containerPath(path: string): string | null {
  if (!path.startsWith("/") || path.length > 4096) return null;
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}
