/** A deployment's folder of segments: numbered files of records, the highest is written to. */
import { SkerryError } from "../../shared/errors.ts";
import { segmentName, segmentNumber } from "./log_state.ts";

export interface SegmentFile {
  readonly number: number;
  readonly bytes: number;
  readonly changedAt: number;
}

/** Lowest number first; a folder that is not there has none. */
export async function listSegments(folder: string): Promise<readonly SegmentFile[]> {
  const files: SegmentFile[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const number = entry.isFile ? segmentNumber(entry.name) : null;
      if (number === null) continue;
      const stat = await Deno.stat(`${folder}/${entry.name}`).catch(() => null);
      if (stat === null) continue;
      files.push({ number, bytes: stat.size, changedAt: stat.mtime?.getTime() ?? 0 });
    }
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
  return files.sort((a, b) => a.number - b.number);
}

/** A place in a deployment's segments. */
export interface SegmentPosition {
  readonly segment: number;
  readonly offset: number;
}

/**
 * Reads from a place on, at most `buffer.length` bytes. Moves to the next segment where this one
 * is read to its end or was dropped. Null: nothing more for now, and where to go on.
 */
export async function readSegments(
  folder: string,
  position: SegmentPosition,
  buffer: Uint8Array,
): Promise<{ readonly bytes: Uint8Array | null; readonly position: SegmentPosition }> {
  let { segment, offset } = position;
  while (true) {
    const count = await readAt(`${folder}/${segmentName(segment)}`, offset, buffer);
    if (count !== null && count > 0) {
      return { bytes: buffer.subarray(0, count), position: { segment, offset: offset + count } };
    }
    const next = (await listSegments(folder)).find((file) => file.number > segment);
    if (next === undefined) return { bytes: null, position: { segment, offset } };
    // The writer turns to a new segment only when the old one is complete: look once more.
    const late = await readAt(`${folder}/${segmentName(segment)}`, offset, buffer);
    if (late !== null && late > 0) {
      return { bytes: buffer.subarray(0, late), position: { segment, offset: offset + late } };
    }
    segment = next.number;
    offset = 0;
  }
}

/** Null: no such file. */
async function readAt(path: string, offset: number, buffer: Uint8Array): Promise<number | null> {
  try {
    using file = await Deno.open(path, { read: true });
    await file.seek(offset, Deno.SeekMode.Start);
    return await file.read(buffer) ?? 0;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return null;
    throw thrown;
  }
}

/** Appends to a segment; `sync` puts it on the disk for good. */
export async function appendSegment(
  folder: string,
  number: number,
  bytes: Uint8Array,
): Promise<void> {
  const path = `${folder}/${segmentName(number)}`;
  try {
    using file = await Deno.open(path, { append: true, create: true, mode: 0o600 });
    let at = 0;
    while (at < bytes.length) at += await file.write(bytes.subarray(at));
  } catch (thrown) {
    throw new SkerryError(
      "log_write_failed",
      `appending to the log "${path}": ${thrown instanceof Error ? thrown.message : thrown}`,
      "Free space on the disk that holds the home folder.",
      { cause: thrown },
    );
  }
}

export async function syncSegment(folder: string, number: number): Promise<void> {
  try {
    using file = await Deno.open(`${folder}/${segmentName(number)}`, { read: true, write: true });
    await file.syncData();
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}

/** Cuts a segment back to what was there when the state was saved; what is missing is no error. */
export async function cutSegment(folder: string, number: number, bytes: number): Promise<number> {
  const path = `${folder}/${segmentName(number)}`;
  const stat = await Deno.stat(path).catch(() => null);
  if (stat === null) return 0;
  if (stat.size <= bytes) return stat.size;
  await Deno.truncate(path, bytes);
  return bytes;
}

/** Where the last `lines` whole lines begin. Segments are read one by one from the last. */
export async function tailPosition(folder: string, lines: number): Promise<SegmentPosition> {
  const segments = [...await listSegments(folder)].reverse();
  let left = lines;
  let last: SegmentPosition = {
    segment: segments[0]?.number ?? 1,
    offset: segments[0]?.bytes ?? 0,
  };
  if (lines === 0) return last;
  for (const { number } of segments) {
    const bytes = await Deno.readFile(`${folder}/${segmentName(number)}`).catch(() => null);
    if (bytes === null) continue;
    const found = tailOffset(bytes, left);
    last = { segment: number, offset: found.offset };
    left -= found.lines;
    if (left <= 0) return last;
  }
  return { segment: last.segment, offset: 0 };
}

/**
 * Where the last `wanted` lines of a buffer of records begin, and how many lines it has up to
 * `wanted`. A line is its closing record (F) with the parts (P) before it. Pure.
 */
export function tailOffset(
  bytes: Uint8Array,
  wanted: number,
): { readonly offset: number; readonly lines: number } {
  const NEWLINE = 10;
  if (wanted === 0) return { offset: bytes.length, lines: 0 };
  let lines = 0;
  let end = bytes.length;
  if (end > 0 && bytes[end - 1] === NEWLINE) end--;
  while (end > 0) {
    const start = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    if (closesLine(bytes, start, end)) {
      if (lines === wanted) return { offset: end + 1, lines };
      lines++;
    }
    end = start - 1;
  }
  return { offset: 0, lines };
}

/** Is the third word of the record `F`? */
function closesLine(bytes: Uint8Array, start: number, end: number): boolean {
  const SPACE = 32;
  const first = bytes.indexOf(SPACE, start);
  const second = first < 0 ? -1 : bytes.indexOf(SPACE, first + 1);
  return second >= 0 && second + 1 < end && bytes[second + 1] === "F".charCodeAt(0);
}
