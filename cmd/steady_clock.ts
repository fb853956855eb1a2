/**
 * The clock on which durations are counted over restarts: begun once a boot with the machine's time,
 * it goes on with the kernel's uptime from there. So a deadline that was remembered on disk holds,
 * also where the machine's clock was set while nothing of ours ran.
 */
import { dirname } from "node:path";
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../shared/atomic_file.ts";
import { type Clock, createSteadyClock } from "../shared/clock.ts";

/** Of the kernel: which boot this is, and how long ago it was. */
export interface Uptime {
  readonly bootId: string;
  readonly uptimeMs: number;
}

const Begun = z.strictObject({
  bootId: z.string(),
  /** Milliseconds since 1970, as the machine's clock was when this boot was first seen. */
  bootedAtMs: z.number(),
});

/** Where this boot began is kept in `path`; what cannot be read there is begun anew. */
export async function createBootClock(
  path: string,
  clock: Clock,
  readUptime: () => Promise<Uptime> = readKernelUptime,
): Promise<Clock> {
  const { bootId, uptimeMs } = await readUptime();
  const kept = parse(await readTextIfThere(path));
  if (kept?.bootId === bootId) return createSteadyClock(clock, kept.bootedAtMs + uptimeMs);
  const begun: z.infer<typeof Begun> = { bootId, bootedAtMs: clock.now() - uptimeMs };
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o711 });
  await writeFileAtomically(path, JSON.stringify(begun), 0o600);
  return createSteadyClock(clock, begun.bootedAtMs + uptimeMs);
}

function parse(text: string | null): z.infer<typeof Begun> | null {
  try {
    return text === null ? null : Begun.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** proc(5): `/proc/uptime` is seconds with two decimals, time asleep included. */
async function readKernelUptime(): Promise<Uptime> {
  const [bootId, uptime] = await Promise.all([
    Deno.readTextFile("/proc/sys/kernel/random/boot_id"),
    Deno.readTextFile("/proc/uptime"),
  ]);
  return { bootId: bootId.trim(), uptimeMs: parseUptime(uptime) };
}

/** @throws {RangeError} of what is no uptime */
export function parseUptime(text: string): number {
  const seconds = /^(\d+\.\d+) \d/.exec(text)?.[1];
  if (seconds === undefined) throw new RangeError(`"${text}" is no /proc/uptime`);
  return Math.round(Number(seconds) * 1000);
}
