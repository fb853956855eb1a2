import assert from "node:assert/strict";
import { recordsIn } from "../../shared/api/stream.ts";
import { recordStream } from "./streams.ts";

Deno.test("a stream in which nothing happens shows that it is there; nothing is lost or doubled", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let lines = 0;
  const stream = recordStream(new AbortController().signal, async function* () {
    yield "1\n";
    await promise;
    yield "2\n";
  }, 1);
  const counted = stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        lines += 1;
        if (lines === 5) resolve();
        controller.enqueue(chunk);
      },
    }),
  );
  assert.deepEqual(await Array.fromAsync(recordsIn(counted)), ["1", "2"]);
  assert.ok(lines >= 5);
});
