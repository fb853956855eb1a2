/**
 * The log file that conmon appends to. It is held open, so that the last lines of a container
 * that is removed can still be read. What was copied is freed by punching holes; the file's size
 * stays as it is, and conmon goes on at its end.
 */
import type { RunCommand } from "../../shared/command.ts";

const READ_BYTES = 256 * 1024;
/** Holes free whole blocks only. */
const BLOCK_BYTES = 4096;
const NEWLINE = 10;

/** Frees a range of a file. */
export type PunchHole = (path: string, offset: number, lengthBytes: number) => Promise<void>;

/** By util-linux; the file keeps its size. */
export function createPunchHole(run: RunCommand): PunchHole {
  return async (path, offset, lengthBytes) => {
    const range = ["--offset", String(offset), "--length", String(lengthBytes)];
    const { code, stderr } = await run(["fallocate", "--punch-hole", ...range, path]);
    if (code !== 0) throw new Error(`fallocate: ${stderr.trim()}`);
  };
}

export interface LogSource {
  readonly containerId: string;
  readonly path: string;
  sizeBytes(): Promise<number>;
  /** Whole records from `offset` on, at most 256 KiB; empty: none is complete yet. */
  readRecords(offset: number, maxBytes?: number): Promise<Uint8Array>;
  /** Offset of the first record that begins at or after `offset`. */
  nextRecord(offset: number): Promise<number>;
  /** Frees what lies before `offset`; `from` is where the last freeing ended. Returns the new end. */
  free(from: number, offset: number): Promise<number>;
  close(): void;
}

/** Null: there is no such file (yet). */
export async function openLogSource(
  containerId: string,
  path: string,
  punch: PunchHole,
): Promise<LogSource | null> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return null;
    throw thrown;
  }
  const buffer = new Uint8Array(READ_BYTES);

  const fill = async (offset: number, most = READ_BYTES): Promise<Uint8Array> => {
    const room = buffer.subarray(0, Math.min(most, READ_BYTES));
    await file.seek(offset, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < room.length) {
      const count = await file.read(room.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return room.subarray(0, filled);
  };

  return {
    containerId,
    path,
    sizeBytes: async () => (await file.stat()).size,
    async readRecords(offset, maxBytes = READ_BYTES) {
      const bytes = await fill(offset, maxBytes);
      const end = bytes.lastIndexOf(NEWLINE);
      // A full buffer without a newline is no log; it is passed on, so that the copying goes on.
      if (end < 0) {
        return bytes.length === Math.min(maxBytes, READ_BYTES) ? bytes : bytes.subarray(0, 0);
      }
      return bytes.subarray(0, end + 1);
    },
    async nextRecord(offset) {
      if (offset === 0) return 0;
      const bytes = await fill(offset - 1);
      const end = bytes.indexOf(NEWLINE);
      return end < 0 ? offset : offset + end;
    },
    async free(from, offset) {
      const end = Math.floor(offset / BLOCK_BYTES) * BLOCK_BYTES;
      if (end <= from) return from;
      await punch(path, from, end - from);
      return end;
    },
    close: () => file.close(),
  };
}
