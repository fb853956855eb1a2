/** The state of a disk in words: what is full, of what, and what to do. */
import { bytesText } from "./bytes_text.ts";
import { SkerryError } from "./errors.ts";
import type { Reason } from "./model/verdict.ts";
import {
  type DiskReport,
  isNearlyFull,
  keptBytes,
  reserveBytes,
  type Space,
  usedPercent,
} from "./model/disk.ts";

/** The way out of a full disk. */
export const FREE_SPACE =
  "Free space: `skerry image prune` removes images that nothing needs; `skerry get volumes` and " +
  "`df -h` show what else there is. What runs goes on meanwhile.";

/** The error code of everything that is refused because the disk is nearly full. */
export const DISK_NEARLY_FULL = "disk_nearly_full";

/** The error code of what failed because it found no space. */
export const DISK_FULL = "disk_full";

/**
 * Null: there is room for it.
 * @param doing such as `pulling the image "x"`
 * @param needBytes what it will write, where that is known
 */
export function refusal(
  space: Space,
  home: string,
  doing: string,
  needBytes: number | null = null,
): SkerryError | null {
  if (!isNearlyFull(space, needBytes ?? 0)) return null;
  const need = needBytes === null ? "" : `, it needs ${bytesText(needBytes)}`;
  const files = space.inodes > 0 && space.freeBytes >= reserveBytes(space) + (needBytes ?? 0)
    ? ` (for ${space.freeInodes} more files)`
    : "";
  return new SkerryError(
    DISK_NEARLY_FULL,
    `${doing} is refused, nothing was changed: the disk of "${home}" is ${usedPercent(space)} % ` +
      `full, ${bytesText(space.freeBytes)}${files} are free${need}, and ` +
      `${bytesText(reserveBytes(space))} of it stay with what runs`,
    FREE_SPACE,
  );
}

/** `the disk is 86 % full (told from 85 % on), 3.1 GiB are free; images take 2.0 GiB, logs 300.0 MiB, …` */
export function diskSentence(disk: DiskReport): string {
  const { images, logs, events, files, metrics } = disk.kept;
  const used = disk.usedBytes ?? disk.totalBytes - disk.freeBytes;
  const other = Math.max(0, used - keptBytes(disk.kept));
  const parts: readonly (readonly [string, number])[] = [
    ["images", images],
    ["logs", logs],
    ["events", events],
    ["files of projects", files],
    ["metrics", metrics],
  ];
  const shown = parts.filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1])
    .map(([what, bytes]) => `${what} ${bytesText(bytes)}`);
  return `the disk is ${disk.usedPercent} % full (told from ${disk.highPercent} % on), ` +
    `${bytesText(disk.freeBytes)} are free; ` +
    [...shown, `all else there (volumes, what containers wrote) ${bytesText(other)}`].join(", ");
}

/** What people are to be told of a disk; null: it is well. */
export function diskProblem(disk: DiskReport): Reason | null {
  switch (disk.level) {
    case "ok":
      return null;
    case "filling":
      return { code: "disk_filling", message: diskSentence(disk) };
    case "full":
      return {
        code: DISK_FULL,
        message: `${diskSentence(disk)}; below ${
          bytesText(reserveBytes(disk))
        } nothing is fetched, built or sent`,
      };
  }
}
