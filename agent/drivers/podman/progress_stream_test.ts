import assert from "node:assert/strict";
import { type ProgressOptions, readProgress } from "./progress_stream.ts";
import type { StreamCall, Transport } from "./transport.ts";

/** A transport whose stream gives these texts, then ends, or hangs until it is given up. */
function streaming(texts: readonly string[], hangs = false): Transport {
  const unused = () => Promise.reject(new Error("not used"));
  return {
    call: unused,
    connect: unused,
    close: () => {},
    stream(call: StreamCall) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
          if (!hangs) return controller.close();
          call.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
        },
      });
      const chunks = body.getReader();
      return Promise.resolve({ chunks, close: () => chunks.cancel().catch(() => {}) });
    },
  };
}

const call: StreamCall = { doing: "testing", method: "POST", path: "/x" };

function options(more: Partial<ProgressOptions> = {}): ProgressOptions {
  let now = 0;
  return {
    onProgress: () => {},
    stallMs: 100,
    activity: () => Promise.resolve("same"),
    monotonic: () => now += 30,
    lookMs: 1,
    ...more,
  };
}

Deno.test("lines are handed on, and the id at the end is the answer", async () => {
  const id = "a".repeat(64);
  const lines: string[] = [];
  const pulled = streaming(['{"stream":"Trying\\n"}\n{"stream":"Copy', `ing\\n"}\n{"id":"${id}"}`]);
  const end = await readProgress(pulled, call, options({ onProgress: (l) => lines.push(l) }));
  assert.deepEqual(lines, ["Trying", "Copying"]);
  assert.deepEqual(end, { kind: "done", id, lastLines: ["Trying", "Copying"] });
  const built = await readProgress(streaming([`{"stream":"${id}\\n"}\n`]), call, options());
  assert.equal(built.kind === "done" && built.id, id);
});

Deno.test("an error line is the end that counts; a cut stream is no success", async () => {
  const end = await readProgress(streaming(['{"error":"manifest unknown"}\n']), call, options());
  assert.equal(end.kind === "error" && end.message, "manifest unknown");
  await assert.rejects(readProgress(streaming(['{"stream":"x"}\n']), call, options()), {
    code: "podman_unreachable",
  });
});

Deno.test("without lines and activity it stalls; activity alone keeps it going", async () => {
  const end = await readProgress(streaming([], true), call, options());
  assert.equal(end.kind, "stalled");
  let looks = 0;
  const stop = new AbortController();
  const busy = readProgress(
    streaming([], true),
    { ...call, signal: stop.signal },
    options({
      activity: () => {
        if (++looks > 20) stop.abort();
        return Promise.resolve(String(looks));
      },
    }),
  );
  await assert.rejects(busy, { code: "aborted" });
  assert.ok(looks > 20);
});
