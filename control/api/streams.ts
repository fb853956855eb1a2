/** Answers that go on: records, one at a time, as fast as the reader takes them. */

/** A body of text records. Stops when the reader leaves, and tells the source by the signal. */
export function recordStream(
  closing: AbortSignal,
  records: (signal: AbortSignal) => AsyncIterable<string>,
): ReadableStream<Uint8Array> {
  const abort = new AbortController();
  const end = () => abort.abort();
  closing.addEventListener("abort", end);
  if (closing.aborted) end();
  const encoder = new TextEncoder();
  const iterator = records(abort.signal)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await iterator.next();
        if (done !== true) return controller.enqueue(encoder.encode(value));
        closing.removeEventListener("abort", end);
        controller.close();
      } catch (thrown) {
        closing.removeEventListener("abort", end);
        controller.error(thrown);
      }
    },
    async cancel() {
      closing.removeEventListener("abort", end);
      end();
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
}
