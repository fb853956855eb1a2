/** Bodies that may be long, but not endless. */
import type { SkerryError } from "../shared/errors.ts";

/** Lets a body through up to a size; where there is more it fails with that. */
export function limitedBody(
  body: ReadableStream<Uint8Array>,
  limitBytes: number,
  refusal: () => SkerryError,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length;
        if (size > limitBytes) controller.error(refusal());
        else controller.enqueue(chunk);
      },
    }),
  );
}
