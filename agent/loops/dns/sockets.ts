/** The sockets of the listen addresses: bound, kept over configurations, bound again where missing. */
import { messageOf } from "../../../shared/errors.ts";
import type { ListenAddress } from "./config.ts";
import type { Handler } from "./handler.ts";
import type { BindProblem } from "./protocol.ts";
import { closeQuietly, serveTcp } from "./tcp.ts";
import { serveUdp } from "./udp.ts";

export interface Sockets {
  /** Opens what is new, closes what is gone, leaves the rest alone. */
  listen(addresses: readonly ListenAddress[]): void;
  /** Tries again what could not be bound: a bridge's address may appear later. */
  retry(): void;
  problems(): BindProblem[];
  close(): void;
}

interface Slot {
  readonly address: ListenAddress;
  udp: Deno.DatagramConn | null;
  tcp: Deno.TcpListener | null;
  problem: BindProblem | null;
}

/**
 * One UDP socket and one TCP listener for each address, so that an answer always comes from the
 * address that was asked.
 */
export function createSockets(handler: Handler): Sockets {
  const slots = new Map<string, Slot>();

  function bind(slot: Slot): void {
    const { hostname, port } = slot.address;
    try {
      if (slot.udp === null) {
        const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
        slot.udp = socket;
        void serveUdp(socket, handler).then(() => {
          closeQuietly(socket);
          if (slot.udp === socket) slot.udp = null;
        });
      }
      if (slot.tcp === null) {
        const listener = Deno.listen({ hostname, port });
        slot.tcp = listener;
        void serveTcp(listener, handler).then(() => {
          closeQuietly(listener);
          if (slot.tcp === listener) slot.tcp = null;
        });
      }
      slot.problem = null;
    } catch (error) {
      slot.problem = {
        address: `${hostname}:${port}`,
        code: error instanceof Error ? error.name : "Error",
        message: `listening for DNS on "${hostname}:${port}": ${messageOf(error)}`,
      };
    }
  }

  function release(slot: Slot): void {
    const { udp, tcp } = slot;
    slot.udp = null;
    slot.tcp = null;
    if (udp !== null) closeQuietly(udp);
    if (tcp !== null) closeQuietly(tcp);
  }

  return {
    listen(addresses) {
      const wanted = new Map(addresses.map((one) => [`${one.hostname}:${one.port}`, one]));
      for (const [key, slot] of slots) {
        if (wanted.has(key)) continue;
        release(slot);
        slots.delete(key);
      }
      for (const [key, address] of wanted) {
        const slot = slots.get(key) ?? { address, udp: null, tcp: null, problem: null };
        slots.set(key, slot);
        bind(slot);
      }
    },
    retry() {
      for (const slot of slots.values()) {
        if (slot.udp === null || slot.tcp === null) bind(slot);
      }
    },
    problems: () => [...slots.values()].flatMap((slot) => slot.problem ?? []),
    close() {
      for (const slot of slots.values()) release(slot);
      slots.clear();
    },
  };
}
