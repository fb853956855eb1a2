/** Serving one UDP socket. */
import { FORWARD } from "./answer.ts";
import { handle, type Handler } from "./handler.ts";
import { createQuery, EDNS_UDP_BYTES, readQuery } from "./wire.ts";

/**
 * Receives under way at once, so that one slow send holds nobody up. More are no faster: while
 * datagrams wait, Deno's receive and send are done at once, and when none do, each receiver wakes.
 */
const RECEIVERS = 2;
/** A query of a sane client is far smaller; what is longer is cut and so malformed. */
const PACKET_BYTES = 4096;

/** Serves until the socket is closed or fails. Never rejects. */
export async function serveUdp(socket: Deno.DatagramConn, handler: Handler): Promise<void> {
  await Promise.all(Array.from({ length: RECEIVERS }, () => receiveLoop(socket, handler)));
}

async function receiveLoop(socket: Deno.DatagramConn, handler: Handler): Promise<void> {
  const packet = new Uint8Array(PACKET_BYTES);
  const out = new Uint8Array(EDNS_UDP_BYTES);
  const query = createQuery();
  // A slice for each length that was sent, since making one costs more than finding the answer.
  const slices: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    let received: [Uint8Array<ArrayBuffer>, Deno.Addr];
    try {
      received = await socket.receive(packet);
    } catch {
      return;
    }
    const from = received[1];
    if (from.transport !== "udp") continue;
    const kind = readQuery(query, packet, received[0].length);
    const limit = query.udpBytes;
    const length = handle(handler, from.hostname, query, kind, packet, out, limit);
    if (length === FORWARD) {
      handler.forwarderOf(from.hostname).resolve(received[0].slice(), limit).then((answer) =>
        socket.send(answer, from)
      ).catch(ignore);
    } else if (length > 0) {
      try {
        await socket.send(slices[length] ??= out.subarray(0, length), from);
      } catch {
        // The asker is gone or not to be reached; it will ask again.
      }
    }
  }
}

function ignore(): void {}
