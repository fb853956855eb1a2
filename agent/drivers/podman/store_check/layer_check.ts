/**
 * Is a layer as it was when it came? Its tar is put together again, from what tar-split keeps and the
 * files that lie unpacked, and hashed. Only where the hash is another one the files are compared one
 * by one, to name those that differ.
 */
import { createHash } from "node:crypto";
import { messageOf } from "../../../../shared/errors.ts";
import { createCrc64 } from "./crc64.ts";
import type { StoredLayer } from "./store_lists.ts";
import { type TarPart, tarParts } from "./tar_split.ts";

export type LayerState =
  | { readonly kind: "whole" }
  | { readonly kind: "damaged"; readonly problems: readonly string[] }
  | { readonly kind: "unchecked"; readonly why: string };

/** Further ones are counted only. */
const MOST_PROBLEMS = 5;
const CHUNK = 256 << 10;

type FilePart = Extract<TarPart, { kind: "file" }>;

/** A way through a symbolic link would lead to files of the machine. */
async function insideOnly(folder: string): Promise<(path: string) => Promise<boolean>> {
  const real = await Deno.realPath(folder);
  const known = new Map<string, boolean>();
  return async (path) => {
    const cut = path.lastIndexOf("/");
    const parent = cut < 0 ? "" : path.slice(0, cut);
    const before = known.get(parent);
    if (before !== undefined) return before;
    const found = await Deno.realPath(`${folder}/${parent}`);
    const inside = found === real || found.startsWith(`${real}/`);
    known.set(parent, inside);
    return inside;
  };
}

/** Null: the file is there in its size. */
async function amiss(path: string, file: FilePart): Promise<string | null> {
  try {
    const { isFile, size } = await Deno.lstat(path);
    if (!isFile) return `"${file.path}" is no file any more`;
    if (size !== file.size) return `"${file.path}" has ${size} bytes, not ${file.size}`;
    return null;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return `"${file.path}" is gone`;
    return `"${file.path}" cannot be read: ${messageOf(thrown)}`;
  }
}

async function read(
  path: string,
  buffer: Uint8Array,
  take: (bytes: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  using file = await Deno.open(path);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    signal.throwIfAborted();
    take(buffer.subarray(0, count));
  }
}

/** Which files differ from what they were. */
async function differing(
  parts: AsyncIterable<TarPart>,
  folder: string,
  buffer: Uint8Array,
  signal: AbortSignal,
): Promise<string[]> {
  const found: string[] = [];
  for await (const part of parts) {
    if (part.kind !== "file") continue;
    const path = `${folder}/${part.path}`;
    const problem = await amiss(path, part);
    if (problem !== null) {
      found.push(problem);
      continue;
    }
    const crc = createCrc64();
    try {
      await read(path, buffer, (bytes) => crc.update(bytes), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      found.push(`"${part.path}" cannot be read: ${messageOf(thrown)}`);
      continue;
    }
    if (crc.digest() !== part.crc) found.push(`"${part.path}" is not what it was`);
  }
  return found;
}

/** @param root the store's folder */
export async function checkLayer(
  root: string,
  layer: StoredLayer,
  signal: AbortSignal,
): Promise<LayerState> {
  const name = `layer ${layer.id.slice(0, 12)}`;
  const damaged = (...problems: string[]): LayerState => ({
    kind: "damaged",
    problems: problems.map((problem) => `${name}: ${problem}`),
  });
  if (layer.incomplete) return damaged("it was never finished");
  const digest = layer.digest;
  if (digest === null) return { kind: "unchecked", why: `${name}: its digest is not known` };
  const split = `${root}/overlay-layers/${layer.id}.tar-split.gz`;
  const folder = `${root}/overlay/${layer.id}/diff`;
  const buffer = new Uint8Array(CHUNK);
  const hash = createHash("sha256");
  try {
    if (!(await Deno.lstat(folder)).isDirectory) return damaged("its folder is gone");
    const isInside = await insideOnly(folder);
    for await (const part of tarParts(split)) {
      signal.throwIfAborted();
      switch (part.kind) {
        case "bytes":
          hash.update(part.bytes);
          break;
        case "unreadable":
          return {
            kind: "unchecked",
            why: `${name}: the file name "${part.name}" is not readable`,
          };
        case "file": {
          const path = `${folder}/${part.path}`;
          if (!await isInside(part.path)) {
            return { kind: "unchecked", why: `${name}: "${part.path}" lies behind a link` };
          }
          // What is no file any more may never end.
          const problem = await amiss(path, part);
          if (problem !== null) throw new Error(problem);
          await read(path, buffer, (bytes) => hash.update(bytes), signal);
          break;
        }
        default: {
          const never: never = part;
          return never;
        }
      }
    }
    if (`sha256:${hash.digest("hex")}` === digest) return { kind: "whole" };
  } catch (thrown) {
    signal.throwIfAborted();
    // What is missing is named below; here it is the list itself, or a folder.
    if (await Deno.stat(split).then(() => false, () => true)) {
      return damaged(`what its tar is made of again is gone (${messageOf(thrown)})`);
    }
  }
  try {
    const found = await differing(tarParts(split), folder, buffer, signal);
    const shown = found.slice(0, MOST_PROBLEMS);
    if (found.length > shown.length) shown.push(`and ${found.length - shown.length} more files`);
    return damaged(...shown.length > 0 ? shown : ["its files are not those that came"]);
  } catch (thrown) {
    signal.throwIfAborted();
    return damaged(`what its tar is made of again cannot be read: ${messageOf(thrown)}`);
  }
}
