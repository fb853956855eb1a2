/**
 * The door before the HTTPS servers: it accepts, looks at the first bytes, and carries the rest to
 * the server whose certificate bears the name that is asked for. So certificates are swapped while
 * connections go on, and nobody holds more of them, or for longer, than they should.
 */
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { networkOf } from "../../shared/network_of.ts";
import type { ListenAddress } from "../flags.ts";
import { type Carried, carry } from "./carry.ts";
import { MAX_HELLO_BYTES, readHello } from "./client_hello.ts";
import { answerPlain } from "./plain.ts";

export interface FrontLimits {
  /** Connections at a time. */
  readonly connections: number;
  /** Of one network ({@link networkOf}). */
  readonly perNetwork: number;
  /** A connection brings its first request within that. */
  readonly firstRequestMs: number;
  /** One on which no request is under way ends after that. */
  readonly idleMs: number;
  /** One whose request was refused before its body was there ends after that. */
  readonly dismissedMs: number;
  /** Whoever does not take what is sent for so long is gone. */
  readonly stuckMs: number;
}

export const FRONT_LIMITS: FrontLimits = {
  connections: 2_000,
  perNetwork: 500,
  firstRequestMs: 20_000,
  idleMs: 75_000,
  dismissedMs: 5_000,
  stuckMs: 120_000,
};
const SWEEP_MS = 5_000;

/** One client's connection, as the server behind the door is told of it. */
export interface Visitor {
  readonly address: string;
  /** A request begins; call what it gives when its answer is sent. */
  begin(): () => void;
  /** It became a WebSocket: it may be silent. */
  stay(): void;
  /** Its body was not taken: it is let go of soon, however it goes on sending. */
  dismiss(): void;
}

export interface Front {
  readonly port: number;
  /** Who is behind a connection that a server sees, by its port; null: it did not come through here. */
  visitor(port: number): Visitor | null;
  close(): void;
}

export interface FrontDeps {
  readonly listen: ListenAddress;
  /** Port on loopback of the server for that name. @param local the address that was connected to */
  serverFor(serverName: string | null, local: string): number | null;
  readonly limits?: FrontLimits;
  readonly clock: Clock;
  readonly log: Log;
}

interface Guest {
  readonly address: string;
  readonly client: Deno.TcpConn;
  readonly toClient: Carried;
  requests: number;
  running: number;
  stays: boolean;
  dismissed: boolean;
  /** Monotonic: since when no request is under way. */
  idleSince: number;
}

/** Throws what Deno.listen throws. */
export function openFront(deps: FrontDeps): Front {
  const { clock, log, limits = FRONT_LIMITS } = deps;
  const listener = Deno.listen({ hostname: deps.listen.hostname, port: deps.listen.port });
  const guests = new Set<Guest>();
  const byPort = new Map<number, Guest>();
  const counts = new Map<string, number>();
  const ending = new AbortController();
  let refusedAt = Number.NEGATIVE_INFINITY;

  function mayEnter(address: string, network: string): boolean {
    if (guests.size < limits.connections && (counts.get(network) ?? 0) < limits.perNetwork) {
      return true;
    }
    if (clock.monotonic() - refusedAt > 60_000) {
      refusedAt = clock.monotonic();
      log.warn("too many connections to the page and the API; more are refused", {
        connections: guests.size,
        address,
      });
    }
    return false;
  }

  async function serve(client: Deno.TcpConn): Promise<void> {
    const address = client.remoteAddr.hostname;
    const network = networkOf(address);
    if (!mayEnter(address, network)) return shut(client);
    const guest: Guest = {
      address,
      client,
      toClient: { writingSince: null },
      requests: 0,
      running: 0,
      stays: false,
      dismissed: false,
      idleSince: clock.monotonic(),
    };
    guests.add(guest);
    counts.set(network, (counts.get(network) ?? 0) + 1);
    try {
      await welcome(guest);
    } catch (thrown) {
      log.debug("a connection ended", { address, why: messageOf(thrown) });
    } finally {
      shut(client);
      guests.delete(guest);
      const left = (counts.get(network) ?? 1) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    }
  }

  async function welcome(guest: Guest): Promise<void> {
    const { client } = guest;
    client.setNoDelay(true);
    const first = await firstBytes(client);
    if (first === null) return;
    if (first.serverName === undefined) return await answerPlain(client, first.bytes);
    const port = deps.serverFor(first.serverName, client.localAddr.hostname);
    if (port === null) return;
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    server.setNoDelay(true);
    const own = server.localAddr.port;
    byPort.set(own, guest);
    try {
      await write(server, first.bytes);
      await Promise.all([
        carry(client, server, { writingSince: null }, clock),
        carry(server, client, guest.toClient, clock),
      ]);
    } finally {
      byPort.delete(own);
      shut(server);
    }
  }

  function sweep(): void {
    const now = clock.monotonic();
    for (const guest of guests) {
      const { running, requests, stays, dismissed, idleSince, toClient } = guest;
      const patience = requests === 0
        ? limits.firstRequestMs
        : dismissed
        ? limits.dismissedMs
        : limits.idleMs;
      const idle = running === 0 && !stays && now - idleSince > patience;
      const stuck = toClient.writingSince !== null && now - toClient.writingSince > limits.stuckMs;
      if (idle || stuck) shut(guest.client);
    }
  }

  async function accept(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        serve(await listener.accept());
      } catch (thrown) {
        if (ending.signal.aborted) return;
        // Out of descriptors, or a client that left at once.
        log.debug("a connection was not accepted", { why: messageOf(thrown) });
        await clock.sleep(50, ending.signal);
      }
    }
  }

  async function sweepNowAndThen(): Promise<void> {
    while (!ending.signal.aborted) {
      await clock.sleep(Math.min(SWEEP_MS, limits.firstRequestMs / 2), ending.signal);
      sweep();
    }
  }

  accept();
  sweepNowAndThen();
  return {
    port: listener.addr.port,
    visitor(port) {
      const guest = byPort.get(port);
      return guest === undefined ? null : visitorOf(guest, clock);
    },
    close() {
      ending.abort();
      shut(listener);
    },
  };
}

function visitorOf(guest: Guest, clock: Clock): Visitor {
  return {
    address: guest.address,
    begin() {
      guest.requests += 1;
      guest.running += 1;
      return () => {
        guest.running -= 1;
        guest.idleSince = clock.monotonic();
      };
    },
    stay() {
      guest.stays = true;
    },
    dismiss() {
      guest.dismissed = true;
    },
  };
}

/** What the client says first; `serverName` undefined: it speaks no TLS. Null: it left. */
async function firstBytes(
  client: Deno.TcpConn,
): Promise<{ bytes: Uint8Array; serverName?: string | null } | null> {
  const buffer = new Uint8Array(MAX_HELLO_BYTES);
  let filled = 0;
  while (filled < buffer.length) {
    const count = await client.read(buffer.subarray(filled));
    if (count === null) return null;
    filled += count;
    const bytes = buffer.subarray(0, filled);
    const hello = readHello(bytes);
    if (hello.kind === "other") return { bytes };
    if (hello.kind === "hello") return { bytes, serverName: hello.serverName };
  }
  return { bytes: buffer, serverName: null };
}

async function write(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

function shut(what: { close(): void }): void {
  try {
    what.close();
  } catch {
    // It was closed already.
  }
}
