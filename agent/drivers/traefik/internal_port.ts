/** The port of the revision probe on 127.0.0.1: a free one, kept in the data folder. */

/** The kept port; null: none, or no port number. */
export async function keptPort(path: string): Promise<number | null> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const port = Number(text.trim());
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}

/** A TCP port of 127.0.0.1 that is free at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
