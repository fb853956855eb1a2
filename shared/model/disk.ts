/** How full a disk is, what that means, and what a node says of its own. Pure. */
import { z } from "zod";
import { Instant } from "./verdict.ts";

/** A file system as the kernel tells it. */
export interface Space {
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** To be had by programs. */
  readonly freeBytes: number;
  /** Files and folders that it can hold; 0: without a limit of its own. */
  readonly inodes: number;
  readonly freeInodes: number;
}

export interface DiskLimits {
  /** So full, the node begins to collect and says so. */
  readonly highPercent: number;
  /** It collects until it is only so full. */
  readonly lowPercent: number;
  /** The most that images, logs, events, metrics and files of projects may take; null: as much as there is. */
  readonly budgetBytes: number | null;
}

/**
 * `filling`: people should act, everything goes on. `full`: what would take more space is refused,
 * what runs goes on.
 */
export const DiskLevel = z.enum(["ok", "filling", "full"]);
export type DiskLevel = z.infer<typeof DiskLevel>;

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** A file system with fewer is at its end, however many bytes are free. */
const RESERVED_INODES = 1_000;

/** As `df` says it: of what programs may have, rounded up. */
export function usedPercent({ usedBytes, freeBytes, inodes, freeInodes }: Space): number {
  const bytes = usedBytes + freeBytes === 0 ? 0 : usedBytes / (usedBytes + freeBytes);
  const files = inodes === 0 ? 0 : (inodes - freeInodes) / inodes;
  return Math.min(100, Math.ceil(100 * Math.max(bytes, files)));
}

/** What is left to those that run: below it nothing is fetched, built or applied. */
export function reserveBytes({ totalBytes }: Pick<Space, "totalBytes">): number {
  const least = Math.min(64 * MIB, totalBytes / 10);
  return Math.round(Math.min(GIB, Math.max(least, totalBytes / 20)));
}

/** @param needBytes what is about to be written */
export function isNearlyFull(space: Space, needBytes = 0): boolean {
  return space.freeBytes - needBytes < reserveBytes(space) ||
    space.inodes > 0 && space.freeInodes < Math.min(RESERVED_INODES, space.inodes / 50);
}

export function levelOf(space: Space, { highPercent }: Pick<DiskLimits, "highPercent">): DiskLevel {
  if (isNearlyFull(space)) return "full";
  return usedPercent(space) >= highPercent ? "filling" : "ok";
}

/** What a node says of the disk that its home lies on. */
export const DiskReport = z.strictObject({
  totalBytes: z.int().nonnegative(),
  /** Used and free are not all: a file system keeps blocks for itself and root. */
  usedBytes: z.int().nonnegative().exactOptional(),
  freeBytes: z.int().nonnegative(),
  usedPercent: z.int().min(0).max(100),
  level: DiskLevel,
  highPercent: z.int(),
  lowPercent: z.int(),
  budgetBytes: z.int().nullable(),
  /** What Skerry keeps there and may collect from, in bytes. */
  kept: z.strictObject({
    images: z.int().nonnegative(),
    logs: z.int().nonnegative(),
    events: z.int().nonnegative(),
    /** Files that projects bind. */
    files: z.int().nonnegative(),
    /** Has a budget of its own, and is not collected from. */
    metrics: z.int().nonnegative().default(0),
  }),
  /** When something was last collected, and what that gave; null: not since it started. */
  collected: z.strictObject({ at: Instant, freedBytes: z.int() }).nullable(),
});
export type DiskReport = z.infer<typeof DiskReport>;

/** All that counts against the budget. */
export function keptBytes({ images, logs, events, files, metrics }: DiskReport["kept"]): number {
  return images + logs + events + files + metrics;
}
