/**
 * Ends what waits for an answer when its signal aborts. Deno 2.9 forgets to: once it has collected
 * garbage, a request under way no longer hears of the signal that it was given.
 */

/** As the promise, or rejected with the signal's reason. */
export async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return await promise;
  // Where it loses the race, nobody waits for it any more.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The same stream; the signal's abort cancels it and ends its readers with an error. */
export function streamUntilAborted(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  if (signal === undefined) return stream;
  return stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal });
}
