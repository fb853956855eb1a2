/** The options of POST /volumes/create for a volume in whose place something is mounted. Pure. */
import type { MountOptions } from "../../../shared/model/sections.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };

/**
 * Podman takes `size` for a quota of its own folders, which needs XFS, and refuses the volume
 * without it. A tmpfs takes its size in pages as well, under a name that Podman lets through.
 */
export function engineOptions(
  { type, device, o }: MountOptions,
  pageBytes: number,
): Record<string, string> {
  const flags = o.split(",").filter((flag) => flag !== "").map((flag) => {
    const size = /^size=(\d+)([kmg]?)$/i.exec(flag);
    if (type !== "tmpfs" || size === null) return flag;
    const bytes = Number(size[1]) * (UNITS[(size[2] ?? "").toLowerCase()] ?? 1);
    return `nr_blocks=${Math.ceil(bytes / pageBytes)}`;
  });
  return { type, device, ...(flags.length === 0 ? {} : { o: flags.join(",") }) };
}
