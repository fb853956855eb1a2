/** The files of a folder on this machine, in a fixed order. */
import { join } from "node:path";
import { messageOf, SkerryError } from "../errors.ts";

export interface FolderEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly absolute: string;
  readonly kind: "file" | "directory" | "symlink";
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly modifiedAt: Date | null;
}

function kindOf(info: Deno.FileInfo): FolderEntry["kind"] | null {
  if (info.isSymlink) return "symlink";
  if (info.isDirectory) return "directory";
  return info.isFile ? "file" : null;
}

/** An error that names the path that could not be read. */
export function unreadable(path: string, cause: unknown): SkerryError {
  return new SkerryError(
    "unreadable",
    `cannot read "${path}": ${messageOf(cause)}`,
    "see that it is there and that you may read it",
    {
      cause,
    },
  );
}

/**
 * Everything below a folder, a folder before what is in it, names sorted by code unit. Sockets,
 * pipes and devices are passed over.
 * @param enter false: the folder at this relative path is left out with all that is in it
 */
export async function* walkFolder(
  root: string,
  enter: (relative: string) => boolean = () => true,
): AsyncGenerator<FolderEntry> {
  async function* below(relative: string): AsyncGenerator<FolderEntry> {
    const folder = relative === "" ? root : join(root, relative);
    const names: string[] = [];
    try {
      for await (const { name } of Deno.readDir(folder)) names.push(name);
    } catch (cause) {
      throw unreadable(folder, cause);
    }
    names.sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      const path = relative === "" ? name : `${relative}/${name}`;
      const absolute = join(root, path);
      const info = await Deno.lstat(absolute).catch((cause: unknown) => {
        throw unreadable(absolute, cause);
      });
      const kind = kindOf(info);
      if (kind === null) continue;
      yield {
        path,
        absolute,
        kind,
        sizeBytes: info.size,
        mode: (info.mode ?? 0o644) & 0o7777,
        modifiedAt: info.mtime,
      };
      if (kind === "directory" && enter(path)) yield* below(path);
    }
  }
  yield* below("");
}
