/** The log file of an engine: the engine only appends, so it is bounded by copying and truncating. */
import { dirname } from "node:path";

/** Bytes that a log may have before it is turned over, unless told otherwise. */
export const DEFAULT_LOG_BYTES = 4 * 1024 * 1024;

/** The last `maxBytes` of a file as text; empty where there is none. */
export async function logTail(path: string, maxBytes: number): Promise<string> {
  try {
    using file = await Deno.open(path, { read: true });
    const size = (await file.stat()).size;
    await file.seek(Math.max(0, size - maxBytes), Deno.SeekMode.Start);
    const buffer = new Uint8Array(Math.min(size, maxBytes));
    let filled = 0;
    while (filled < buffer.length) {
      const read = await file.read(buffer.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return new TextDecoder().decode(buffer.subarray(0, filled));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return "";
    throw thrown;
  }
}

/**
 * Keeps a log within about twice `maxBytes`: once larger, its end goes to `PATH.1` and it is
 * emptied in place, since the writer keeps its descriptor (opened for appending).
 */
export async function boundLog(path: string, maxBytes: number): Promise<void> {
  const size = await Deno.stat(path).then((stat) => stat.size, () => 0);
  if (size <= maxBytes) return;
  const tail = await logTail(path, maxBytes);
  await Deno.writeTextFile(`${path}.1`, tail, { mode: 0o600 });
  await Deno.truncate(path, 0);
}

/** Makes the folder of a file, for root alone. */
export async function makeFolderOf(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
}
