/** Bodies that have to come: whoever sends one holds a connection, and memory, until it is whole. */
import type { Clock } from "../shared/clock.ts";
import { SkerryError } from "../shared/errors.ts";

/** How a body has to come. Time counts only while somebody waits for it. */
export interface BodyPace {
  /** All of it within that; null: however long it takes. */
  readonly wholeMs: number | null;
  /** At least so many bytes … */
  readonly leastBytes: number;
  /** … in each span of that. */
  readonly spanMs: number;
}

function tooSlow(pace: BodyPace): SkerryError {
  const { wholeMs, leastBytes, spanMs } = pace;
  return new SkerryError(
    "too_slow",
    wholeMs === null
      ? `the request's body came too slowly: ${leastBytes} bytes are to come every ${
        spanMs / 1000
      } s`
      : `the request's body was not there within ${wholeMs / 1000} s`,
    "Send it again over a connection that holds.",
  );
}

/** The body as it is, or with the error `too_slow` where it does not come so. */
export function watchedBody(
  body: ReadableStream<Uint8Array>,
  pace: BodyPace,
  clock: Pick<Clock, "monotonic" | "sleep">,
): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  let wholeMs = 0;
  let spanMs = 0;
  let spanBytes = 0;

  /** Null: it did not come in time. */
  async function next(from: ReadableStreamDefaultReader<Uint8Array>) {
    const patience = Math.min(pace.spanMs - spanMs, (pace.wholeMs ?? Infinity) - wholeMs);
    const began = clock.monotonic();
    const came = new AbortController();
    const late = clock.sleep(patience, came.signal).then(() => null);
    try {
      return await Promise.race([from.read(), late]);
    } finally {
      came.abort();
      const waited = clock.monotonic() - began;
      wholeMs += waited;
      spanMs += waited;
    }
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      reader ??= body.getReader();
      const read = await next(reader);
      if (read === null) {
        controller.error(tooSlow(pace));
        // What comes yet is for nobody.
        reader.cancel().catch(() => undefined);
      } else if (read.done) {
        controller.close();
      } else {
        spanBytes += read.value.length;
        if (spanBytes >= pace.leastBytes) [spanMs, spanBytes] = [0, 0];
        controller.enqueue(read.value);
      }
    },
    async cancel(reason) {
      await (reader ?? body).cancel(reason);
    },
  }, { highWaterMark: 0 });
}
