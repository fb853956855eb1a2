/**
 * A file that holds space for bad days. Where a disk is full, a slice of it is given back, so that
 * what must be written (a report, a delete, a prune) finds room; a slice at a time, because whoever
 * filled the disk would take all of it at once.
 */
import type { ReadSpace } from "./disk_space.ts";
import type { Space } from "./model/disk.ts";

const SLICES = 8;
const MIB = 1024 ** 2;
const CHUNK = 65_536;

export interface Ballast {
  /** Gives a slice back to the disk; false: none is left. */
  release(): boolean;
  /** Makes it whole again. Rejects where that cannot be; what there was stays. */
  refill(): Promise<void>;
  /** What it holds now. */
  heldBytes(): number;
  readonly wholeBytes: number;
}

/** One percent of the disk, within bounds that hurt nobody and help. */
export function ballastBytes({ totalBytes }: Pick<Space, "totalBytes">): number {
  const bytes = Math.min(32 * MIB, Math.max(Math.min(8 * MIB, totalBytes / 50), totalBytes / 100));
  return Math.floor(bytes / SLICES / 4096) * SLICES * 4096;
}

/** The ballast of a home, as large as its disk wants it; none where that cannot be looked at. */
export function homeBallast(
  { home, ballast }: { readonly home: string; readonly ballast: string },
  readSpace: ReadSpace,
): Ballast {
  const space = readSpace(home);
  return createBallast(ballast, space === null ? 0 : ballastBytes(space));
}

/** The ballast in a file, which several processes of one home may share. */
export function createBallast(path: string, wholeBytes: number): Ballast {
  const size = () => {
    try {
      return Deno.statSync(path).size;
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) return 0;
      throw thrown;
    }
  };
  return {
    wholeBytes,
    heldBytes: size,
    release() {
      const held = size();
      if (held === 0) return false;
      Deno.truncateSync(path, Math.max(0, held - Math.ceil(wholeBytes / SLICES)));
      return true;
    },
    async refill() {
      const from = size();
      if (from >= wholeBytes) return;
      using file = await Deno.open(path, { append: true, create: true, mode: 0o600 });
      // Random, since a file system that compresses would hold no space for zeros.
      const chunk = new Uint8Array(CHUNK);
      for (let at = from; at < wholeBytes;) {
        crypto.getRandomValues(chunk);
        at += await file.write(chunk.subarray(0, Math.min(CHUNK, wholeBytes - at)));
      }
      await file.syncData();
    },
  };
}
