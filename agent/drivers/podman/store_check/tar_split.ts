/**
 * tar-split: what a layer's tar was, without the contents of its files, which lie unpacked in the
 * store. Lines of JSON, gzipped, one a part of the tar: bytes as they were, or a file.
 */
import { z } from "zod";

export type TarPart =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly path: string; readonly size: number; readonly crc: string }
  /** A file whose name is no UTF-8, or leads out of its layer: nothing reads it by that. */
  | { readonly kind: "unreadable"; readonly name: string };

/** Segments hold headers and padding: nothing of a tar that is made in earnest comes near it. */
const MAX_LINE = 16 << 20;

const Line = z.union([
  z.looseObject({ type: z.literal(2), payload: z.base64() }),
  z.looseObject({
    type: z.literal(1),
    name: z.string().optional(),
    name_raw: z.base64().optional(),
    size: z.number().int().nonnegative().optional(),
    payload: z.base64().nullable().optional(),
  }),
]);

/** The path below the layer's folder; null: it leads out of it. Pure. */
export function pathInLayer(name: string): string | null {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.includes("..") || name.includes("\0") ? null : parts.join("/");
}

/** What a line says; null: of a file without content, of which there is nothing to read. Pure. */
export function parseLine(text: string): TarPart | null {
  const line = Line.parse(JSON.parse(text));
  if (line.type === 2) return { kind: "bytes", bytes: Uint8Array.fromBase64(line.payload) };
  const size = line.size ?? 0;
  if (size === 0) return null;
  const path = pathInLayer(line.name ?? "");
  if (path === null || line.name_raw !== undefined) {
    return { kind: "unreadable", name: line.name ?? "(no UTF-8)" };
  }
  return { kind: "file", path, size, crc: line.payload ?? "" };
}

/** The parts of a layer's tar in their order. What is no tar-split, or cut off, is an error. */
export async function* tarParts(file: string): AsyncGenerator<TarPart> {
  using opened = await Deno.open(file);
  const text = opened.readable
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(new TextDecoderStream("utf-8", { fatal: true }));
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) throw new Error("a line of it is far too long");
    for (const line of lines) {
      const part = line === "" ? null : parseLine(line);
      if (part !== null) yield part;
    }
  }
  const last = rest === "" ? null : parseLine(rest);
  if (last !== null) yield last;
}
