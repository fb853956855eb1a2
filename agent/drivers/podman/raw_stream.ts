/** The raw two-way streams that Podman turns a request into: the head of its answer, and writing. */
import { podmanError } from "./errors.ts";

const MAX_HEAD_BYTES = 16 * 1024;

/** Reads the head of the answer; what follows it in the same read is output already. */
export async function readHead(
  conn: Deno.Conn,
  doing: string,
): Promise<{ readonly status: number; readonly head: string; readonly rest: Uint8Array }> {
  let bytes = new Uint8Array(0);
  const chunk = new Uint8Array(4096);
  while (true) {
    const count = await conn.read(chunk);
    if (count === null) throw podmanError("podman_unreachable", doing, "the connection ended");
    const joined = new Uint8Array(bytes.length + count);
    joined.set(bytes);
    joined.set(chunk.subarray(0, count), bytes.length);
    bytes = joined;
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
      return { status, head: text, rest: bytes.slice(end + 4) };
    }
    if (bytes.length > MAX_HEAD_BYTES) {
      throw podmanError("podman_answer", doing, "a head that does not end");
    }
  }
}

/** Writes all of it, in as many pieces as it takes. */
export async function writeAll(conn: Deno.Conn, data: Uint8Array): Promise<void> {
  let at = 0;
  while (at < data.length) at += await conn.write(data.subarray(at));
}
