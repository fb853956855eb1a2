/**
 * A ring of files with blocks: appended to the last one, the oldest goes when there are too many
 * bytes. A file that is full is named after the cells that it holds, so that a reader opens no other.
 *
 *     10s-000007-178000000-178000360   full
 *     10s-000008                       written to
 */
import { syncFolder } from "../../shared/atomic_file.ts";
import { type BlockSink, decodeBlock, encodeBlock, framesOf, type Numbers } from "./block.ts";
import type { Cell } from "./cells.ts";

export interface RingSpec {
  readonly name: string;
  readonly withPeaks: boolean;
  /** All files together, at any time. */
  readonly totalBytes: number;
}

export interface Ring {
  /** One block, on the disk for good when it resolves; where it rejects nothing of it counts. */
  append(cells: readonly Cell[]): Promise<void>;
  /** Values within the cells `from` to `to` (not included), in the order in which they were written. */
  scan(from: number, to: number, sink: Omit<BlockSink, "span">): Promise<void>;
  bytes(): number;
  /** Before it nothing is kept; where the clock was set back meanwhile, about so. */
  oldest(): number | null;
  /** The cell after the one that was written last. */
  end(): number | null;
}

/** A file is a part of this of the whole: so much goes at once. */
const FILES = 16;

interface Span {
  from: number;
  to: number;
}

interface Segment {
  readonly number: number;
  path: string;
  bytes: number;
  /** null: nothing in it can be read. */
  span: Span | null;
}

const NAME = /^([0-9a-z]+)-(\d{6,9})(?:-(\d{1,16})-(\d{1,16}))?$/;

function widened(span: Span | null, from: number, to: number): Span {
  return span === null
    ? { from, to }
    : { from: Math.min(span.from, from), to: Math.max(span.to, to) };
}

/** What a file holds as far as it can be read: spans, the numbers of its subjects, its good length. */
function readSegment(file: Uint8Array) {
  const names = new Map<number, string>();
  let span: Span | null = null;
  let end: number | null = null;
  let good = 0;
  for (const { from, to } of framesOf(file)) {
    good = to;
    const seen = (first: number, cells: number) => {
      span = widened(span, first, first + cells);
      end = first + cells;
      return false;
    };
    readFrame(file.subarray(from, to), names, {
      span: seen,
      wants: () => false,
      value: () => undefined,
    });
  }
  const numbers: Numbers = new Map([...names].map(([number, name]) => [name, number]));
  return { span, end, good, numbers };
}

/** A frame of another version tells nothing. */
function readFrame(frame: Uint8Array, names: Map<number, string>, sink: BlockSink): void {
  try {
    decodeBlock(frame, names, sink);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
  }
}

/** Opens the files of a name in a folder that is there; what a crash left half written is cut off. */
export async function openRing(folder: string, spec: RingSpec): Promise<Ring> {
  const segments: Segment[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const [, own, number, from, to] = NAME.exec(name) ?? [];
    if (!isFile || own !== spec.name) continue;
    const path = `${folder}/${name}`;
    const span = from === undefined ? null : { from: Number(from), to: Number(to) };
    segments.push({ number: Number(number), path, bytes: (await Deno.stat(path)).size, span });
  }
  segments.sort((a, b) => a.number - b.number);
  let numbers: Numbers = new Map();
  let end: number | null = null;
  let active: Segment | null = null;
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (!isLast && segment.span !== null) continue;
    const read = readSegment(await Deno.readFile(segment.path));
    segment.span ??= read.span;
    if (!isLast) continue;
    end = read.end;
    if (NAME.exec(segment.path.slice(folder.length + 1))?.[3] !== undefined) continue;
    if (read.good < segment.bytes) await Deno.truncate(segment.path, read.good);
    segment.bytes = read.good;
    numbers = read.numbers;
    active = segment;
  }
  await makeRoom(0);

  function total(): number {
    return segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Removes the oldest files until so many bytes more have their place. */
  async function makeRoom(more: number): Promise<void> {
    while (total() + more > spec.totalBytes) {
      const oldest = segments[0];
      if (oldest === undefined) return;
      segments.shift();
      if (oldest === active) active = null;
      await Deno.remove(oldest.path).catch((thrown: unknown) => {
        if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      });
    }
  }

  /** The file that is full gets the name that tells what it holds. */
  async function closeActive(): Promise<void> {
    if (active === null) return;
    const { span } = active;
    if (span !== null) {
      const path = `${active.path}-${span.from}-${span.to}`;
      await Deno.rename(active.path, path);
      active.path = path;
    }
    active = null;
  }

  async function writeAt(path: string, bytes: Uint8Array, offset: number): Promise<void> {
    try {
      using file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
      await file.seek(offset, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.syncData();
    } catch (thrown) {
      await Deno.truncate(path, offset).catch(() => undefined);
      throw thrown;
    }
  }

  async function append(cells: readonly Cell[]): Promise<void> {
    const first = cells[0]?.cell;
    if (first === undefined) return;
    let trial: Numbers = new Map(numbers);
    let block = encodeBlock(cells, spec.withPeaks, trial);
    if (active === null || active.bytes + block.length > spec.totalBytes / FILES) {
      await closeActive();
      trial = new Map();
      block = encodeBlock(cells, spec.withPeaks, trial);
    }
    // More subjects than the whole budget has room for: they are not kept.
    if (block.length > spec.totalBytes) return;
    await makeRoom(block.length);
    let segment = active;
    if (segment === null) {
      const number = (segments.at(-1)?.number ?? 0) + 1;
      const path = `${folder}/${spec.name}-${String(number).padStart(6, "0")}`;
      segment = { number, path, bytes: 0, span: null };
      await writeAt(path, block, 0);
      await syncFolder(folder);
      segments.push(segment);
      active = segment;
    } else {
      await writeAt(segment.path, block, segment.bytes);
    }
    segment.bytes += block.length;
    end = first + cells.length;
    segment.span = widened(segment.span, first, end);
    numbers = trial;
  }

  return {
    append,
    async scan(from, to, sink) {
      for (const segment of [...segments]) {
        const { span } = segment;
        if (span === null || span.to <= from || span.from >= to) continue;
        // It may get its full name, or go, meanwhile.
        const read = () => Deno.readFile(segment.path);
        const file = await read().catch(read).catch(() => null);
        if (file === null) continue;
        const names = new Map<number, string>();
        for (const frame of framesOf(file)) {
          readFrame(file.subarray(frame.from, frame.to), names, {
            span: (first, cells) => first < to && first + cells > from,
            wants: sink.wants,
            value(subject, cell, metric, mean, peak) {
              if (cell >= from && cell < to) sink.value(subject, cell, metric, mean, peak);
            },
          });
        }
      }
    },
    bytes: total,
    oldest() {
      const [first] = segments;
      // Once files have gone, cells of another time (the clock was wrong) must not count as the oldest.
      if (first !== undefined && first.number > 1) return first.span?.from ?? null;
      const all = segments.flatMap(({ span }) => span === null ? [] : [span.from]);
      return all.length === 0 ? null : Math.min(...all);
    },
    end: () => end,
  };
}
