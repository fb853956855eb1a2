/** The files of a zip. What its headers say is checked, and never believed. */
import { type Entry, ZipReader } from "@zip.js/zip.js";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { UploadBounds } from "./bounds.ts";
import { type EntryNames, isLeftOut, refusedEntry } from "./entry_names.ts";
import type { ZipSource } from "./zip_file.ts";

export interface UploadedFile {
  /** Relative and normalised. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Read once, before the next file is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

const TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
/** More entries than files may be: folders, and what is left out. */
const ENTRIES_A_FILE = 10;

/** Is it a zip, by its first bytes? */
export function isZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b &&
    ((start[2] === 3 && start[3] === 4) || (start[2] === 5 && start[3] === 6));
}

/** Names are checked by {@link EntryNames}, whose words name the entry. */
const READING = { filenameValidation: "tolerant", strictness: "balanced" } as const;

function unixMode(entry: Entry): number {
  return (entry.externalFileAttributes >>> 16) & 0xffff;
}

function checkKind(entry: Entry): void {
  const { filename } = entry;
  if (entry.encrypted) {
    throw refusedEntry(filename, "is encrypted", "pack the folder without a password");
  }
  const type = unixMode(entry) & TYPE;
  if (type !== 0 && type !== REGULAR && type !== FOLDER) {
    throw refusedEntry(
      filename,
      type === 0o120000 ? "is a link" : "is neither a file nor a folder",
      "put a copy of the file there instead",
    );
  }
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw refusedEntry(
      filename,
      `is packed by method ${entry.compressionMethod}, which is not known here`,
      "pack it as an ordinary zip (deflate)",
    );
  }
}

/** Counts what really comes out, whatever was promised. */
export interface Meter {
  /** Throws where it is too much. */
  add(name: string, bytes: number): void;
}

/** @param packedBytes of a zip: what it is measured against; null: the bytes come as they are */
export function createMeter(bounds: UploadBounds, packedBytes: number | null): Meter {
  let total = 0;
  let of = "";
  let file = 0;
  const most = packedBytes === null
    ? bounds.totalBytes
    : Math.min(bounds.totalBytes, Math.max(bounds.ratioFloorBytes, packedBytes * bounds.ratio));
  const tooMuch = (name: string, limit: number, what: string) => {
    throw refusedEntry(
      name,
      `unpacks to more than ${limit} bytes${what}`,
      "Upload the compose file and what it names; data belong into volumes.",
    );
  };
  return {
    add(name, bytes) {
      if (name !== of) [of, file] = [name, 0];
      file += bytes;
      total += bytes;
      if (file > bounds.fileBytes) tooMuch(name, bounds.fileBytes, "");
      if (total > most) tooMuch(name, most, ", together with those before it");
    },
  };
}

function broken(entry: Entry, thrown: unknown): SkerryError {
  return refusedEntry(
    entry.filename,
    `cannot be unpacked: ${messageOf(thrown)}`,
    "pack it anew, and see that it was uploaded whole",
  );
}

/** What an entry unpacks to, piece by piece, as fast as it is taken. */
async function* unpacked(entry: Entry, meter: Meter): AsyncGenerator<Uint8Array> {
  if (entry.directory) return;
  let fail: (thrown: unknown) => void = () => undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      fail = (thrown) => controller.error(thrown);
    },
  });
  const abort = new AbortController();
  const done = entry.getData(writable, {
    useWebWorkers: false,
    checkSignature: true,
    checkOverlappingEntry: true,
    signal: abort.signal,
  }).then(() => undefined, (thrown: unknown) => {
    // What fails before the first byte would leave the reader waiting.
    fail(broken(entry, thrown));
  });
  try {
    for await (const chunk of readable) {
      meter.add(entry.filename, chunk.length);
      yield chunk;
    }
  } catch (thrown) {
    throw thrown instanceof SkerryError ? thrown : broken(entry, thrown);
  } finally {
    abort.abort();
    await done;
  }
}

function noZip(thrown: unknown): SkerryError {
  return new SkerryError(
    "upload_refused",
    `the zip cannot be read: ${messageOf(thrown)}`,
    "pack it anew, and see that it was uploaded whole",
  );
}

/** The files of a zip in its order. All names are checked before the first file is unpacked. */
export async function* readZip(
  zip: ZipSource,
  names: EntryNames,
  bounds: UploadBounds,
): AsyncGenerator<UploadedFile> {
  const reader = new ZipReader(zip.reader, { useWebWorkers: false });
  try {
    const wanted: { readonly entry: Entry; readonly path: string }[] = [];
    let count = 0;
    try {
      for await (const entry of reader.getEntriesGenerator(READING)) {
        count++;
        if (count > bounds.files * ENTRIES_A_FILE) {
          throw refusedEntry(entry.filename, "is one too many", "pack a smaller folder");
        }
        if (isLeftOut(entry.filename)) continue;
        checkKind(entry);
        if (entry.directory) names.folder(entry.filename);
        else wanted.push({ entry, path: names.file(entry.filename) });
      }
    } catch (thrown) {
      throw thrown instanceof SkerryError ? thrown : noZip(thrown);
    }
    const meter = createMeter(bounds, zip.sizeBytes);
    for (const { entry, path } of wanted) {
      const mode = unixMode(entry) & 0o777;
      yield { path, mode: mode === 0 ? 0o644 : mode | 0o400, chunks: unpacked(entry, meter) };
    }
  } finally {
    await reader.close();
  }
}
