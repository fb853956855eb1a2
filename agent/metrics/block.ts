/**
 * A block: some cells in a row of all their subjects, as bytes. Pure.
 *
 *     frame    "SKM" version · length u32 · CRC-32 u32 · payload
 *     payload  metrics · peaks? · first cell · cells · names of subjects that are new in this file
 *              · subjects: number, length, columns
 *     column   2 bits: nothing | one value | values and how they differ from the one before
 *
 * A column of peaks holds how far each lies above its mean. All numbers are of varying length.
 */
import { crc32 } from "node:zlib";
import { createByteReader, createByteWriter } from "./bytes.ts";
import { type Cell, METRICS } from "./cells.ts";
import { decodeValue, encodeValue } from "./values.ts";

const MAGIC = [0x53, 0x4b, 0x4d, 1];
export const FRAME_BYTES = 12;
/** No block is longer: what claims to be is none. */
const MOST_BYTES = 32 * 1024 ** 2;
const MOST_CELLS = 4_096;

const NOTHING = 0;
const CONSTANT = 1;
const VARYING = 2;

/** The numbers that subjects have in one file. */
export type Numbers = Map<string, number>;

function framed(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  frame.set(MAGIC);
  view.setUint32(4, payload.length);
  view.setUint32(8, crc32(payload));
  frame.set(payload, FRAME_BYTES);
  return frame;
}

/** Codes of a column, one a cell, from 1 on; 0: nothing was measured. */
function codesOf(
  cells: readonly Cell[],
  subject: string,
  metric: number,
  which: "mean" | "peak",
): number[] {
  return cells.map(({ rows }) => {
    const row = rows.get(subject);
    const mean = row?.mean[metric] ?? Number.NaN;
    if (row === undefined || Number.isNaN(mean)) return 0;
    const code = encodeValue(metric, mean);
    if (which === "mean") return code + 1;
    return Math.max(0, encodeValue(metric, row.peak[metric] ?? mean) - code);
  });
}

function encodeColumns(columns: readonly (readonly number[])[]): Uint8Array {
  const writer = createByteWriter();
  const modes = columns.map((codes): number =>
    codes.some((code) => code !== codes[0]) ? VARYING : codes[0] === 0 ? NOTHING : CONSTANT
  );
  for (let at = 0; at < modes.length; at += 4) {
    writer.byte(modes.slice(at, at + 4).reduce((byte, mode, i) => byte + mode * 4 ** i, 0));
  }
  for (const [at, codes] of columns.entries()) {
    const mode = modes[at];
    if (mode === NOTHING) continue;
    writer.number(codes[0] ?? 0);
    if (mode === CONSTANT) continue;
    for (let i = 1; i < codes.length; i++) writer.signed((codes[i] ?? 0) - (codes[i - 1] ?? 0));
  }
  return writer.done();
}

/** @param numbers of the file that the block is for; new subjects are added to it */
export function encodeBlock(
  cells: readonly Cell[],
  withPeaks: boolean,
  numbers: Numbers,
): Uint8Array<ArrayBuffer> {
  const subjects = [...new Set(cells.flatMap(({ rows }) => [...rows.keys()]))].sort();
  const fresh = subjects.filter((subject) => !numbers.has(subject));
  for (const subject of fresh) numbers.set(subject, numbers.size);
  const writer = createByteWriter();
  writer.byte(METRICS);
  writer.byte(withPeaks ? 1 : 0);
  writer.number(cells[0]?.cell ?? 0);
  writer.number(cells.length);
  writer.number(fresh.length);
  const encoder = new TextEncoder();
  for (const subject of fresh) {
    const name = encoder.encode(subject);
    writer.number(numbers.get(subject) ?? 0);
    writer.number(name.length);
    writer.bytes(name);
  }
  writer.number(subjects.length);
  for (const subject of subjects) {
    const columns: number[][] = [];
    for (let metric = 0; metric < METRICS; metric++) {
      columns.push(codesOf(cells, subject, metric, "mean"));
      if (withPeaks) columns.push(codesOf(cells, subject, metric, "peak"));
    }
    const data = encodeColumns(columns);
    writer.number(numbers.get(subject) ?? 0);
    writer.number(data.length);
    writer.bytes(data);
  }
  return framed(writer.done());
}

/** Where a whole frame stands in a file. */
export interface FrameAt {
  readonly from: number;
  readonly to: number;
}

/** Every whole frame of a file, in order; what lies between, torn or damaged, is passed over. */
export function* framesOf(file: Uint8Array): Generator<FrameAt> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + FRAME_BYTES <= file.length;) {
    if (MAGIC.every((byte, i) => file[at + i] === byte)) {
      const length = view.getUint32(at + 4);
      const to = at + FRAME_BYTES + length;
      if (
        length <= MOST_BYTES && to <= file.length &&
        crc32(file.subarray(at + FRAME_BYTES, to)) === view.getUint32(at + 8)
      ) {
        yield { from: at, to };
        at = to;
        continue;
      }
    }
    const next = file.indexOf(MAGIC[0] ?? 0, at + 1);
    if (next < 0) return;
    at = next;
  }
}

/** Takes in what a block holds. */
export interface BlockSink {
  /** Called first. False: no more of this block. */
  span(firstCell: number, cells: number): boolean;
  /** Is this subject asked for? */
  wants(subject: string): boolean;
  value(subject: string, cell: number, metric: number, mean: number, peak: number): void;
}

function decodeColumns(data: Uint8Array, columns: number, cells: number): number[][] {
  const reader = createByteReader(data);
  const modes: number[] = [];
  for (let at = 0; at < columns; at += 4) {
    const byte = reader.byte();
    for (let i = 0; i < 4; i++) modes.push(Math.floor(byte / 4 ** i) % 4);
  }
  return Array.from({ length: columns }, (_, column) => {
    const mode = modes[column];
    if (mode === NOTHING) return [];
    const codes = [reader.number()];
    if (mode === CONSTANT) return codes;
    if (mode !== VARYING) throw new RangeError("a column of an unknown kind");
    for (let i = 1; i < cells; i++) codes.push((codes[i - 1] ?? 0) + reader.signed());
    return codes;
  });
}

/**
 * Reads a whole frame. Throws a RangeError where it was written by another version, or by no one.
 * @param names of the file's subjects so far; the block's new ones are added
 */
export function decodeBlock(frame: Uint8Array, names: Map<number, string>, sink: BlockSink): void {
  const reader = createByteReader(frame.subarray(FRAME_BYTES));
  const metrics = reader.byte();
  const withPeaks = reader.byte() === 1;
  const first = reader.number();
  const cells = reader.number();
  if (cells > MOST_CELLS) throw new RangeError("a block of too many cells");
  for (let left = reader.number(); left > 0; left--) {
    const number = reader.number();
    names.set(number, new TextDecoder().decode(reader.bytes(reader.number())));
  }
  if (!sink.span(first, cells)) return;
  for (let left = reader.number(); left > 0; left--) {
    const subject = names.get(reader.number());
    const length = reader.number();
    if (subject === undefined || !sink.wants(subject)) {
      reader.skip(length);
      continue;
    }
    const each = withPeaks ? 2 : 1;
    const columns = decodeColumns(reader.bytes(length), metrics * each, cells);
    // A later version may keep more than is known here.
    for (let metric = 0; metric < Math.min(metrics, METRICS); metric++) {
      const means = columns[metric * each] ?? [];
      const peaks = withPeaks ? columns[metric * each + 1] ?? [] : [];
      for (let i = 0; i < cells && means.length > 0; i++) {
        const code = means.length === 1 ? means[0] ?? 0 : means[i] ?? 0;
        if (code <= 0) continue;
        const above = peaks.length === 1 ? peaks[0] ?? 0 : peaks[i] ?? 0;
        const mean = decodeValue(metric, code - 1);
        const peak = above === 0 ? mean : decodeValue(metric, code - 1 + above);
        sink.value(subject, first + i, metric, mean, peak);
      }
    }
  }
}
