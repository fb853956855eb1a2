/** Serving one TCP listener (RFC 7766): messages with a length before them, one after the other. */
import { FORWARD } from "./answer.ts";
import { handle, type Handler } from "./handler.ts";
import { createQuery, putU16, readQuery } from "./wire.ts";

const MAX_CONNECTIONS = 64;
/** So that one asker cannot take them all. */
const MAX_CONNECTIONS_OF_ONE = 16;
const IDLE_MS = 10_000;
const MAX_MESSAGE_BYTES = 4096;
const MAX_MESSAGES = 10_000;
const MAX_ANSWER_BYTES = 65_535;

/** Serves until the listener is closed or fails, then closes its connections. Never rejects. */
export async function serveTcp(listener: Deno.TcpListener, handler: Handler): Promise<void> {
  const open = new Set<Deno.TcpConn>();
  for (;;) {
    let connection: Deno.TcpConn;
    try {
      connection = await listener.accept();
    } catch {
      break;
    }
    const asker = connection.remoteAddr.hostname;
    const own = [...open].filter((other) => other.remoteAddr.hostname === asker).length;
    if (open.size >= MAX_CONNECTIONS || own >= MAX_CONNECTIONS_OF_ONE) {
      handler.counters.refused++;
      connection.close();
      continue;
    }
    open.add(connection);
    void serveConnection(connection, handler).then(() => open.delete(connection));
  }
  for (const connection of open) closeQuietly(connection);
}

async function serveConnection(connection: Deno.TcpConn, handler: Handler): Promise<void> {
  const idle = { timer: setTimeout(() => closeQuietly(connection), IDLE_MS) };
  try {
    for (let count = 0; count < MAX_MESSAGES; count++) {
      const packet = await readMessage(connection);
      if (packet === null) break;
      const answer = await answerOne(connection, handler, packet);
      if (answer !== null && !await writeAll(connection, answer)) break;
      clearTimeout(idle.timer);
      idle.timer = setTimeout(() => closeQuietly(connection), IDLE_MS);
    }
  } catch {
    // Reset by the asker, or closed by the timer.
  }
  clearTimeout(idle.timer);
  closeQuietly(connection);
}

/** The answer with its length before it; null: nothing is said. */
async function answerOne(
  connection: Deno.TcpConn,
  handler: Handler,
  packet: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array | null> {
  const query = createQuery();
  const kind = readQuery(query, packet, packet.length);
  const out = new Uint8Array(2 + MAX_ANSWER_BYTES);
  const asker = connection.remoteAddr.hostname;
  const body = out.subarray(2);
  let length = handle(handler, asker, query, kind, packet, body, MAX_ANSWER_BYTES);
  if (length === 0) return null;
  if (length === FORWARD) {
    const answer = await handler.forwarderOf(asker).resolve(packet, MAX_ANSWER_BYTES);
    body.set(answer);
    length = answer.length;
  }
  putU16(out, 0, length);
  return out.subarray(0, 2 + length);
}

async function readMessage(connection: Deno.TcpConn): Promise<Uint8Array<ArrayBuffer> | null> {
  const prefix = new Uint8Array(2);
  if (!await readFull(connection, prefix)) return null;
  const length = (prefix[0] ?? 0) * 256 + (prefix[1] ?? 0);
  if (length === 0 || length > MAX_MESSAGE_BYTES) return null;
  const packet = new Uint8Array(length);
  return await readFull(connection, packet) ? packet : null;
}

/** Fills `into`; false: the other side ended before. */
export async function readFull(connection: Deno.Conn, into: Uint8Array): Promise<boolean> {
  for (let at = 0; at < into.length;) {
    const count = await connection.read(into.subarray(at));
    if (count === null) return false;
    at += count;
  }
  return true;
}

/** False: the other side no longer takes any. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length;) {
    const count = await connection.write(bytes.subarray(at));
    if (count === 0) return false;
    at += count;
  }
  return true;
}

export function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // Closed already.
  }
}
