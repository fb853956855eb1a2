/** Asks the kernel how full a disk is, and tells the errors of a full one. */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { Space } from "./model/disk.ts";

/** The file system that a path lies on, or will once it is made; null: it cannot be told. */
export type ReadSpace = (path: string) => Space | null;

/** See {@link ReadSpace}. */
export function readSpace(path: string): Space | null {
  for (let folder = path;; folder = dirname(folder)) {
    try {
      const { blocks, bfree, bavail, bsize, files, ffree } = statfsSync(folder);
      return {
        totalBytes: blocks * bsize,
        usedBytes: (blocks - bfree) * bsize,
        freeBytes: bavail * bsize,
        inodes: files,
        freeInodes: ffree,
      };
    } catch {
      // Not there yet: its parent lies on the same disk.
      if (folder === dirname(folder)) return null;
    }
  }
}

const NO_SPACE = /no space left on device|disk quota exceeded|database or disk is full/i;

/** Did it fail because a disk is full? */
export function isNoSpace(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (NO_SPACE.test(error.message)) return true;
  }
  return typeof thrown === "string" && NO_SPACE.test(thrown);
}
