/**
 * What the kernel's log says of containers that it killed for want of memory. Podman's own flag is
 * always false before 5.0; the kernel names the control group, which bears the container's id.
 */
import { closeSync, constants, openSync, readSync } from "node:fs";

export interface OomKill {
  /** 64 hex. */
  readonly containerId: string;
  /** Name of the program that was killed. */
  readonly program: string;
  /** Milliseconds after boot. */
  readonly atMs: number;
}

/** One record of /dev/kmsg, `PRIORITY,SEQUENCE,MICROSECONDS,…;TEXT`; null: it tells of no such kill. Pure. */
export function parseOomKill(record: string): OomKill | null {
  const match =
    /^\d+,\d+,(\d+),[^;]*;oom-kill:.*\btask_memcg=\S*?libpod-([0-9a-f]{64})[^,]*,task=(.*),pid=\d+/
      .exec(record);
  const [, micros, containerId, program] = match ?? [];
  if (micros === undefined || containerId === undefined || program === undefined) return null;
  return { containerId, program, atMs: Number(micros) / 1000 };
}

const DEVICE = "/dev/kmsg";
/** The kernel gives one record a read, never longer. */
const RECORD_BYTES = 8192;

/** Every such kill that the kernel still remembers, oldest first; none where its log cannot be read. */
export function readOomKills(): readonly OomKill[] {
  let device: number;
  try {
    device = openSync(DEVICE, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return [];
  }
  const kills: OomKill[] = [];
  const bytes = new Uint8Array(RECORD_BYTES);
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const length = readRecord(device, bytes);
      if (length === 0) return kills;
      const kill = parseOomKill(decoder.decode(bytes.subarray(0, Math.max(0, length))));
      if (kill !== null) kills.push(kill);
    }
  } finally {
    closeSync(device);
  }
}

/** Bytes read; 0: there are no more; -1: this one was overwritten meanwhile. */
function readRecord(device: number, bytes: Uint8Array): number {
  try {
    return readSync(device, bytes);
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPIPE" ? -1 : 0;
  }
}

/** How far the times of kernel and engine may lie apart for one and the same end. */
const SAME_END_MS = 10_000;

/**
 * Was the end of a container's life the kernel's doing? Pure.
 * @param finishedAt when it ended, milliseconds since 1970
 * @param bootedAt when the machine booted, on the same clock
 */
export function endedByKernel(
  kills: readonly OomKill[],
  containerId: string,
  finishedAt: number,
  bootedAt: number,
): boolean {
  return kills.some((kill) =>
    kill.containerId === containerId &&
    Math.abs(bootedAt + kill.atMs - finishedAt) <= SAME_END_MS
  );
}

/** When this machine booted, by its clock of now: milliseconds since 1970. */
export function bootedAt(): number {
  return Date.now() - Deno.osUptime() * 1000;
}
