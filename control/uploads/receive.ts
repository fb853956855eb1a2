/** Reads what a browser sent: a folder, a zip, or one file, to a folder on disk, within bounds. */
import {
  MultipartParseError,
  type MultipartPart,
  parseMultipartStream,
} from "@remix-run/multipart-parser";
import { dirname, join } from "node:path";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { limitedBody } from "../limited_body.ts";
import { PASTED_NAME, type UploadBounds } from "./bounds.ts";
import { createEntryNames, isLeftOut, refusedEntry } from "./entry_names.ts";
import { createMeter, isZip, readZip } from "./read_zip.ts";
import { openZipFile } from "./zip_file.ts";

export interface Received {
  /** The fields that are no files. */
  readonly fields: Readonly<Record<string, string>>;
  /** What the folder, or the zip without its ending, was called; null: only text came. */
  readonly name: string | null;
  /** Relative paths, sorted. */
  readonly paths: readonly string[];
  /** Permission bits by path, where they are known. */
  readonly modes: Readonly<Record<string, number>>;
}

const MAX_FIELDS = 200;
const MAX_FIELD_BYTES = 1 << 20;

function tooLarge(bounds: UploadBounds): SkerryError {
  return new SkerryError(
    "too_large",
    `the upload has more than ${bounds.bodyBytes >> 20} MiB`,
    "Upload the compose file and what it names; data belong into volumes.",
  );
}

/** The boundary of a multipart body; null: it is none. */
export function boundaryOf(contentType: string): string | null {
  const match = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType,
  );
  return match?.[1] ?? match?.[2] ?? null;
}

function plainProblem(thrown: unknown, bounds: UploadBounds): unknown {
  if (thrown instanceof SkerryError || !(thrown instanceof MultipartParseError)) return thrown;
  if (/max\w* ?size|maximum/i.test(thrown.message)) {
    return new SkerryError(
      "too_large",
      `a file or the number of files is beyond what an upload may have: ${thrown.message}`,
      `At most ${bounds.files} files of ${bounds.fileBytes >> 20} MiB; data belong into volumes.`,
    );
  }
  return new SkerryError(
    "bad_request",
    `the upload is not a whole form: ${messageOf(thrown)}`,
    "Send it again.",
  );
}

async function write(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
}

/** Carries files into a folder that is empty before. */
function createFolderWriter(folder: string) {
  const modes: Record<string, number> = {};
  return {
    modes,
    async write(path: string, mode: number | null, chunks: AsyncIterable<Uint8Array>) {
      const whole = join(folder, path);
      await Deno.mkdir(dirname(whole), { recursive: true, mode: 0o700 });
      await write(whole, chunks);
      if (mode !== null) modes[path] = mode;
    },
  };
}

/** What a part holds, each piece once: it is let go of as it is taken. */
async function* piecesOf({ content }: MultipartPart): AsyncGenerator<Uint8Array> {
  content.reverse();
  for (let piece = content.pop(); piece !== undefined; piece = content.pop()) yield piece;
}

/** The first bytes of a part, which may come in pieces. */
function startOf({ content }: MultipartPart): Uint8Array {
  const start: number[] = [];
  for (const piece of content) {
    start.push(...piece.subarray(0, 4 - start.length));
    if (start.length === 4) break;
  }
  return new Uint8Array(start);
}

/** Only with the top folder that all have in common, if they have one. */
function withoutTop(paths: readonly string[]): string | null {
  const top = paths[0]?.split("/")[0] ?? "";
  return top !== "" && paths.every((path) => path.startsWith(`${top}/`)) ? top : null;
}

interface PartHead {
  readonly field: string;
  /** Null: it is no file. */
  readonly filename: string | null;
}

/** What a part says of itself. */
function headOf(part: MultipartPart): PartHead {
  try {
    return { field: part.name ?? "", filename: part.isFile ? part.filename ?? "" : null };
  } catch (thrown) {
    throw new SkerryError(
      "bad_request",
      `a part of the upload cannot be read: ${messageOf(thrown)}`,
      "Send it again.",
    );
  }
}

function textOf(part: MultipartPart): string {
  return new TextDecoder().decode(part.bytes);
}

/**
 * Reads an upload into `folder`, which must be empty. Throws one error that names the entry where
 * something may not be; what lies in the folder then is for nobody.
 */
export async function receiveUpload(
  request: Request,
  folder: string,
  bounds: UploadBounds,
): Promise<Received> {
  const boundary = boundaryOf(request.headers.get("content-type") ?? "");
  if (boundary === null || request.body === null) {
    await request.body?.cancel();
    throw new SkerryError("bad_request", "this is no upload of files", "Use the form of the page.");
  }
  if (Number(request.headers.get("content-length") ?? "0") > bounds.bodyBytes) {
    await request.body.cancel();
    throw tooLarge(bounds);
  }
  const fields: Record<string, string> = {};
  const writer = createFolderWriter(folder);
  const names = createEntryNames(bounds);
  const meter = createMeter(bounds, null);
  const paths: string[] = [];
  /** Beside the folder: it is no file of the project. */
  const zipPath = `${folder}.zip`;
  let archive: string | null = null;
  let text: string | null = null;
  const parts = parseMultipartStream(
    limitedBody(request.body, bounds.bodyBytes, () => tooLarge(bounds)),
    {
      boundary,
      maxHeaderSize: 8192,
      maxFileSize: bounds.bodyBytes,
      maxParts: bounds.files * 5 + MAX_FIELDS,
      maxTotalSize: bounds.bodyBytes,
    },
  );
  try {
    for await (const part of parts) {
      const { field, filename: name } = headOf(part);
      if (name === "" && part.size === 0) continue;
      if (name === null) {
        if (part.size > MAX_FIELD_BYTES || Object.keys(fields).length >= MAX_FIELDS) {
          throw new SkerryError(
            "too_large",
            `the field "${field.slice(0, 80)}" is too long`,
            "Upload it as a file.",
          );
        }
        if (field === "text") text = textOf(part);
        else fields[field] = textOf(part);
        continue;
      }
      if (isLeftOut(name)) continue;
      if (!name.includes("/") && isZip(startOf(part))) {
        if (archive !== null || paths.length > 0) {
          throw refusedEntry(name, "is a zip beside other files", "upload one zip alone");
        }
        archive = (name.split("/").at(-1) ?? "").replace(/\.zip$/i, "");
        await write(zipPath, piecesOf(part));
        continue;
      }
      if (archive !== null) throw refusedEntry(name, "is beside a zip", "upload one zip alone");
      const path = names.file(name);
      meter.add(name, part.size);
      await writer.write(path, null, piecesOf(part));
      paths.push(path);
    }
    if (archive !== null) {
      using zip = await openZipFile(zipPath);
      for await (const file of readZip(zip, names, bounds)) {
        await writer.write(file.path, file.mode, file.chunks);
        paths.push(file.path);
      }
    }
  } catch (thrown) {
    throw plainProblem(thrown, bounds);
  } finally {
    if (archive !== null) await Deno.remove(zipPath).catch(() => undefined);
  }
  if (text !== null && text.trim() !== "") {
    if (paths.length > 0) {
      throw new SkerryError(
        "bad_request",
        "both a text and files were sent",
        "Clear the text, or choose no files.",
      );
    }
    const content = new TextEncoder().encode(text);
    await writer.write(
      PASTED_NAME,
      null,
      (async function* () {
        yield content;
      })(),
    );
    paths.push(PASTED_NAME);
    return { fields, name: null, paths, modes: writer.modes };
  }
  if (paths.length === 0) {
    throw new SkerryError(
      "bad_request",
      "nothing was sent",
      "Choose a folder, a zip or a file, or paste a compose file.",
    );
  }
  return { fields, name: withoutTop(paths) ?? archive, paths: paths.sort(), modes: writer.modes };
}
