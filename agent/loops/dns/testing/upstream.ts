/** A DNS server for tests that says what it is told to, over UDP and TCP on one port. */
import { closeQuietly, readFull, writeAll } from "../tcp.ts";
import { u16 } from "../wire.ts";

export interface TestUpstream {
  readonly port: number;
  /** Queries that came in, by way. */
  readonly seen: { udp: number; tcp: number };
  /** Null: no answer. */
  reply: (query: Uint8Array, way: "udp" | "tcp") => Uint8Array<ArrayBuffer> | null;
  close(): Promise<void>;
}

export function startUpstream(reply: TestUpstream["reply"]): TestUpstream {
  const { udp, tcp, port } = bindBoth();
  const upstream = {
    port,
    seen: { udp: 0, tcp: 0 },
    reply,
    async close() {
      closeQuietly(udp);
      closeQuietly(tcp);
      await Promise.all([udpDone, tcpDone]);
    },
  };
  const udpDone = serveUdp();
  const tcpDone = serveTcp();

  async function serveUdp(): Promise<void> {
    try {
      for (;;) {
        const [query, from] = await udp.receive();
        upstream.seen.udp++;
        const bytes = upstream.reply(query, "udp");
        if (bytes !== null) await udp.send(bytes, from);
      }
    } catch {
      // Closed.
    }
  }

  async function serveTcp(): Promise<void> {
    try {
      for (;;) {
        const connection = await tcp.accept();
        upstream.seen.tcp++;
        const prefix = new Uint8Array(2);
        if (await readFull(connection, prefix)) {
          const query = new Uint8Array(u16(prefix, 0));
          await readFull(connection, query);
          const bytes = upstream.reply(query, "tcp");
          if (bytes !== null) {
            await writeAll(connection, Uint8Array.of(bytes.length >> 8, bytes.length, ...bytes));
          }
        }
        closeQuietly(connection);
      }
    } catch {
      // Closed.
    }
  }

  return upstream;
}

/** A UDP and TCP port of 127.0.0.1 that was free just now. */
export function freePort(): number {
  const { udp, tcp, port } = bindBoth();
  udp.close();
  tcp.close();
  return port;
}

/** Below the range that the system gives to outgoing connections, where ports come and go. */
function bindBoth(): {
  readonly udp: Deno.DatagramConn;
  readonly tcp: Deno.TcpListener;
  readonly port: number;
} {
  const hostname = "127.0.0.1";
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    let udp: Deno.DatagramConn | null = null;
    try {
      udp = Deno.listenDatagram({ transport: "udp", hostname, port });
      return { udp, tcp: Deno.listen({ hostname, port }), port };
    } catch {
      udp?.close();
    }
  }
  throw new Error("no port of 127.0.0.1 is free for UDP and TCP");
}
