/** Bytes from one connection to another, as fast as the slower one takes them. */
import type { Clock } from "../../shared/clock.ts";

/** How it goes with one direction. */
export interface Carried {
  /** Monotonic: since when the receiver has not taken what is sent; null: it takes all. */
  writingSince: number | null;
}

const LEAST_BYTES = 1 << 10;
const MOST_BYTES = 64 << 10;

/**
 * Until the sender ends, which the receiver is told. The buffer grows with what flows, so that a
 * thousand silent connections take little.
 */
export async function carry(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  state: Carried,
  clock: Clock,
): Promise<void> {
  let buffer = new Uint8Array(LEAST_BYTES);
  try {
    while (true) {
      const count = await from.read(buffer);
      if (count === null) break;
      state.writingSince = clock.monotonic();
      for (let at = 0; at < count;) {
        at += await to.write(buffer.subarray(at, count));
        state.writingSince = clock.monotonic();
      }
      state.writingSince = null;
      if (count === buffer.length && count < MOST_BYTES) buffer = new Uint8Array(count * 4);
      else if (count < buffer.length / 8 && buffer.length > LEAST_BYTES) {
        buffer = new Uint8Array(LEAST_BYTES);
      }
    }
    await to.closeWrite();
  } catch {
    // One of them is gone, and so is what was said on it.
    for (const each of [from, to]) {
      try {
        each.close();
      } catch {
        // It was closed already.
      }
    }
  }
}
