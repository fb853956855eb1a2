/** One question to one upstream: a socket of its own, a random ID, and only the right answer taken. */
import { type Answer, readAnswer } from "./message.ts";
import type { Upstream } from "./resolv_conf.ts";
import { closeQuietly, readFull, writeAll } from "./tcp.ts";
import { buildQuery, EDNS_UDP_BYTES, FLAG, HEADER_BYTES, putU16, type Query } from "./wire.ts";

/** Datagrams looked at before an exchange is given up: someone is guessing. */
const MAX_STRAYS = 64;
const RECEIVE_BYTES = 4096;

/** Rejects when the upstream cannot be reached or does not answer before the signal's abort. */
export async function exchange(
  upstream: Upstream,
  query: Query,
  signal: AbortSignal,
): Promise<Answer> {
  const id = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  const packet = buildQuery({
    id,
    name: query.name.slice(0, query.nameLength),
    type: query.type,
    flags: FLAG.RD | (query.flags & FLAG.CD),
    edns: { dnssecOk: query.dnssecOk, udpBytes: EDNS_UDP_BYTES },
  });
  const questionEnd = HEADER_BYTES + query.nameLength + 4;
  const answer = await overUdp(upstream, id, packet, questionEnd, signal);
  if (!answer.truncated) return answer;
  // Half an answer is better than none where TCP is closed; it keeps its TC.
  return overTcp(upstream, id, packet, questionEnd, signal).catch(() => answer);
}

async function overUdp(
  upstream: Upstream,
  id: number,
  packet: Uint8Array<ArrayBuffer>,
  questionEnd: number,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted();
  // The system picks a free port for each socket, so a forger has to guess it beside the ID.
  const hostname = upstream.hostname.includes(":") ? "::" : "0.0.0.0";
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  const abort = () => closeQuietly(socket);
  signal.addEventListener("abort", abort);
  try {
    await socket.send(packet, { transport: "udp", ...upstream });
    const buffer = new Uint8Array(RECEIVE_BYTES);
    for (let strays = 0; strays < MAX_STRAYS; strays++) {
      const [data, from] = await socket.receive(buffer);
      if (from.transport !== "udp") continue;
      if (from.port !== upstream.port || from.hostname !== upstream.hostname) continue;
      const answer = readAnswer(data, id, packet, questionEnd);
      if (answer !== null) return answer;
    }
    throw new Error(`upstream "${upstream.hostname}" sent nothing but strays`);
  } finally {
    signal.removeEventListener("abort", abort);
    closeQuietly(socket);
  }
}

async function overTcp(
  upstream: Upstream,
  id: number,
  packet: Uint8Array<ArrayBuffer>,
  questionEnd: number,
  signal: AbortSignal,
): Promise<Answer> {
  const connection = await Deno.connect({ ...upstream, signal });
  const abort = () => closeQuietly(connection);
  signal.addEventListener("abort", abort);
  try {
    const framed = new Uint8Array(packet.length + 2);
    putU16(framed, 0, packet.length);
    framed.set(packet, 2);
    const prefix = new Uint8Array(2);
    if (!await writeAll(connection, framed) || !await readFull(connection, prefix)) {
      throw new Error(`upstream "${upstream.hostname}" closed the connection`);
    }
    const body = new Uint8Array((prefix[0] ?? 0) * 256 + (prefix[1] ?? 0));
    const answer = await readFull(connection, body)
      ? readAnswer(body, id, packet, questionEnd)
      : null;
    if (answer === null) throw new Error(`upstream "${upstream.hostname}" answered nonsense`);
    return answer;
  } finally {
    signal.removeEventListener("abort", abort);
    closeQuietly(connection);
  }
}
