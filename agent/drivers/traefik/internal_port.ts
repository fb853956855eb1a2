/** The port of the revision probe on 127.0.0.1: a free one, kept in the data folder. */
import { SkerryError } from "../../../shared/errors.ts";

export interface PortRange {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

/** Below the ports that the kernel gives to outgoing connections, so that none of them takes it. */
export const INTERNAL_PORTS: PortRange = { from: 20_000, to: 32_000 };

/** The kept port; null: none, or no port number. */
export async function keptPort(path: string): Promise<number | null> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const port = Number(text.trim());
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}

/** What is thrown at listening there; null: it is free at this moment. */
export function bindFailure(hostname: string, port: number): unknown {
  try {
    Deno.listen({ hostname, port }).close();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

/** A port of 127.0.0.1 that is free at this moment, from a random place of the range on. Error `no_free_port`. */
export function freePort(range: PortRange = INTERNAL_PORTS): number {
  const count = range.to - range.from + 1;
  const start = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  for (let i = 0; i < count; i++) {
    const port = range.from + (start + i) % count;
    if (bindFailure("127.0.0.1", port) === null) return port;
  }
  throw new SkerryError(
    "no_free_port",
    `no port of 127.0.0.1 is free from ${range.from} to ${range.to}`,
    "See what holds them: ss -ltnp.",
  );
}
