/** The standard streams of a container's main process, over a raw connection. */
import type { AttachRequest, AttachSession } from "./driver.ts";
import { podmanError } from "./errors.ts";
import { createFrameReader, type ExecChunk } from "./exec_frames.ts";
import { readHead, writeAll } from "./raw_stream.ts";
import { answerError, CHANGE_TIMEOUT_MS, type Transport } from "./transport.ts";

const READ_BYTES = 64 * 1024;

/** The request that asks for the streams. Pure. */
export function renderAttach(containerId: string, request: AttachRequest): string {
  const query = `stream=true&stdout=true&stderr=true&stdin=${request.stdin}`;
  return [
    `POST /v4.0.0/libpod/containers/${encodeURIComponent(containerId)}/attach?${query} HTTP/1.1`,
    "Host: libpod",
    "Connection: Upgrade",
    "Upgrade: tcp",
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
}

/** Joins containers over a transport. */
export function createAttachCall(
  transport: Transport,
): (id: string, request: AttachRequest, signal?: AbortSignal) => Promise<AttachSession> {
  return async (containerId, request, signal) => {
    const doing = `joining the container "${containerId}"`;
    const conn = await transport.connect(doing);
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      signal?.removeEventListener("abort", close);
      conn.close();
    };
    if (signal?.aborted) close();
    signal?.addEventListener("abort", close);
    const timer = setTimeout(close, CHANGE_TIMEOUT_MS);
    let first: Uint8Array;
    try {
      await writeAll(conn, new TextEncoder().encode(renderAttach(containerId, request)));
      const { status, head, rest } = await readHead(conn, doing);
      if (status !== 101 && status !== 200) {
        throw answerError(doing, { status, text: head.slice(head.indexOf("\r\n\r\n") + 4) });
      }
      first = rest;
    } catch (thrown) {
      const gaveUp = !open;
      close();
      if (gaveUp) throw podmanError("podman_unreachable", doing, "it does not answer", thrown);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }

    return {
      output: {
        async *[Symbol.asyncIterator]() {
          const frames = createFrameReader();
          const split = (bytes: Uint8Array): readonly ExecChunk[] =>
            request.tty ? [{ stream: "stdout", data: bytes.slice() }] : frames.push(bytes);
          const buffer = new Uint8Array(READ_BYTES);
          try {
            if (first.length > 0) yield* split(first);
            while (open) {
              let count: number | null;
              try {
                count = await conn.read(buffer);
              } catch {
                break;
              }
              if (count === null) break;
              yield* split(buffer.subarray(0, count));
            }
          } finally {
            close();
          }
        },
      },
      async write(data) {
        if (!open) throw podmanError("not_running", doing, "its process has ended");
        await writeAll(conn, data);
      },
      async closeStdin() {
        if (open) await conn.closeWrite();
      },
      async resize(rows, columns) {
        if (!request.tty || !open) return;
        await transport.call({
          doing: `resizing the terminal of "${containerId}"`,
          method: "POST",
          path: `/containers/${encodeURIComponent(containerId)}/resize`,
          query: { h: String(rows), w: String(columns) },
        }, [404, 409, 500]);
      },
      close,
    };
  };
}
