/** Which files travel with a release: configs, and what services bind read-only from the project. */
import { join, relative } from "node:path";
import type { z } from "zod";
import { LIMITS } from "../api/limits.ts";
import type { CarriedFile } from "../api/release.ts";
import type { ComposeModel } from "../compose/model.ts";
import { SkerryError } from "../errors.ts";
import { type Sha256, sha256 } from "../model/hash.ts";
import { unreadable, walkFolder } from "./folder.ts";

type Carried = z.infer<typeof CarriedFile>;

const MAX_FOLDER_BYTES = 64 << 20;
const MAX_FOLDER_FILES = 10_000;

export interface CarriedFiles {
  /** By absolute path, as the model names them. */
  readonly files: Readonly<Record<string, Carried>>;
  /** Where each blob's bytes lie. */
  readonly blobs: ReadonlyMap<Sha256, string>;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** Where a path that the model names lies on this machine. */
export type Place = (path: string) => string;

/** The model was read where its files lie. */
export function here(path: string): string {
  return path;
}

/** Does a path lie in a folder? Both absolute and normalised. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith("../") && !way.startsWith("/"));
}

/** Absolute paths that may travel: configs' files, and sources of read-only binds in the project. */
export function candidates(model: ComposeModel, sourceFolder: string): string[] {
  const paths = new Set<string>();
  for (const config of Object.values(model.configs)) {
    if (config.file !== undefined) paths.add(config.file);
  }
  for (const service of Object.values(model.services)) {
    for (const mount of service.volumes ?? []) {
      if (
        mount.type === "bind" && mount.read_only === true && isWithin(sourceFolder, mount.source)
      ) {
        paths.add(mount.source);
      }
    }
  }
  return [...paths].sort();
}

/** Reads and hashes what travels. Throws where a file cannot be read or is over its limit. */
export async function collectFiles(
  model: ComposeModel,
  sourceFolder: string,
  place: Place = here,
): Promise<CarriedFiles> {
  const files: Record<string, Carried> = {};
  const blobs = new Map<Sha256, string>();
  const notes: string[] = [];
  const configs = new Set(Object.values(model.configs).map((config) => config.file));

  async function file(path: string, mode: number) {
    const hash = sha256(await readWhole(path));
    blobs.set(hash, path);
    return { sha256: hash, mode: mode & 0o7777 };
  }
  for (const path of candidates(model, sourceFolder)) {
    const lies = place(path);
    const info = await Deno.stat(lies).catch((cause: unknown) => {
      // A bind's missing source is made on the node, as Compose does.
      if (cause instanceof Deno.errors.NotFound && !configs.has(path)) return null;
      throw unreadable(path, cause);
    });
    if (info?.isFile) files[path] = { kind: "file", ...await file(lies, info.mode ?? 0o644) };
    if (!info?.isDirectory) continue;
    const entries = await folderEntries(lies, place(sourceFolder));
    if (entries === null) {
      notes.push(
        `"${path}" is over 64 MiB or ${MAX_FOLDER_FILES} files: it is bound in place, ` +
          "on this machine only",
      );
      continue;
    }
    const carried = [];
    for (const entry of entries) {
      carried.push({ path: entry.path, ...await file(entry.absolute, entry.mode) });
    }
    files[path] = { kind: "folder", entries: carried };
  }
  return { files, blobs, notes };
}

interface Entry {
  readonly path: string;
  readonly absolute: string;
  readonly mode: number;
}

/** The files of a folder, links followed; null: too much to travel. */
async function folderEntries(root: string, sourceFolder: string): Promise<Entry[] | null> {
  const entries: Entry[] = [];
  let bytes = 0;
  const project = await Deno.realPath(sourceFolder);
  async function add(folder: string, prefix: string, depth: number): Promise<boolean> {
    for await (const found of walkFolder(folder)) {
      const path = prefix + found.path;
      let { absolute, sizeBytes, mode } = found;
      if (found.kind === "directory") continue;
      if (found.kind === "symlink") {
        absolute = await Deno.realPath(found.absolute).catch((cause: unknown) => {
          throw unreadable(found.absolute, cause);
        });
        if (!isWithin(project, absolute)) {
          throw new SkerryError(
            "link_leads_out",
            `"${found.absolute}" links to "${absolute}", outside the project's folder`,
            "put a copy of the file there instead of the link",
          );
        }
        const info = await Deno.stat(absolute);
        if (info.isDirectory) {
          if (depth > 8) {
            throw new SkerryError(
              "link_loop",
              `"${found.absolute}" links in a circle`,
              "take the link out of the folder that is bound",
            );
          }
          if (!(await add(absolute, `${path}/`, depth + 1))) return false;
          continue;
        }
        sizeBytes = info.size;
        mode = info.mode ?? 0o644;
      }
      bytes += sizeBytes;
      entries.push({ path, absolute, mode: mode & 0o7777 });
      if (bytes > MAX_FOLDER_BYTES || entries.length > MAX_FOLDER_FILES) return false;
    }
    return true;
  }
  if (!(await add(root, "", 0))) return null;
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The bytes of a file that may travel. */
async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = await Deno.stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (size > LIMITS.blobBytes) {
    throw new SkerryError(
      "too_large",
      `"${path}" has ${size} bytes; a file that travels has at most ${LIMITS.blobBytes}`,
      "put it into the image or a named volume",
    );
  }
  return await Deno.readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/** The bytes of a blob, which must still be what they were when it was hashed. */
export async function blobContent(
  hash: Sha256,
  blobs: CarriedFiles["blobs"],
): Promise<Uint8Array<ArrayBuffer>> {
  const path = blobs.get(hash);
  if (path === undefined) {
    throw new SkerryError(
      "unknown_blob",
      `the control plane asks for ${hash}, which was not offered`,
    );
  }
  const content = await readWhole(path);
  if (sha256(content) === hash) return content;
  throw new SkerryError("file_changed", `"${join(path)}" changed while it was read`, "apply again");
}
