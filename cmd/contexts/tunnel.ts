/**
 * The way to a control plane elsewhere: a door on this machine's loopback, and behind it TLS. With a
 * pinned authority the server is asked for by a name that only that authority signs, whatever
 * address it was reached by, so that neither forwarded ports nor moving boxes get in the way, and
 * no public authority can speak for it. What comes through the door bears no rights of its own.
 */
import { CONTROL_NAME } from "../../shared/certificates/home_certificates.ts";
import type { ControlAddress } from "./address.ts";

const CONNECT_MS = 15_000;
/** A server that is there says something at least so often while anything is under way. */
const SILENT_MS = 90_000;

export interface Tunnel extends Disposable {
  readonly port: number;
  /** Why the last connection could not be made; null: it could. */
  failure(): unknown;
}

/**
 * @param authority PEM of the pinned one; null: whom this machine trusts
 * @param silentMs a connection on which nothing comes for so long has lost its link
 */
export function openTunnel(
  { hostname, port }: ControlAddress,
  authority: string | null,
  silentMs = SILENT_MS,
): Tunnel {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let failure: unknown = null;

  async function connected(): Promise<Deno.TlsConn> {
    const plain = await Deno.connect({ hostname, port, signal: AbortSignal.timeout(CONNECT_MS) });
    plain.setNoDelay(true);
    let reached: Deno.Conn = plain;
    const timer = setTimeout(() => close(reached), CONNECT_MS);
    try {
      const tls = await Deno.startTls(plain, {
        hostname: authority === null ? hostname : CONTROL_NAME,
        ...(authority === null ? {} : { caCerts: [authority] }),
      });
      reached = tls;
      await tls.handshake();
      return tls;
    } catch (thrown) {
      close(reached);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  async function serve(door: Deno.TcpConn): Promise<void> {
    open.add(door);
    door.setNoDelay(true);
    let away: Deno.TlsConn | null = null;
    try {
      away = await connected();
      open.add(away);
      failure = null;
      const both = [door, away];
      const end = () => both.forEach(close);
      await Promise.all([
        carry(door, away, null).then(end),
        carry(away, door, { after: silentMs, then: end }).then(end),
      ]);
    } catch (thrown) {
      if (away === null) failure = thrown;
    } finally {
      for (const each of [door, away]) {
        if (each === null) continue;
        close(each);
        open.delete(each);
      }
    }
  }

  const accepting = (async () => {
    try {
      for await (const door of listener) serve(door);
    } catch {
      // Closed.
    }
  })();

  return {
    port: listener.addr.port,
    failure: () => failure,
    [Symbol.dispose]() {
      close(listener);
      open.forEach(close);
      accepting.catch(() => undefined);
    },
  };
}

/** @param silence what to do where nothing came for so long; null: it may be silent */
async function carry(
  from: Deno.Conn,
  to: Deno.Conn,
  silence: { readonly after: number; then(): void } | null,
): Promise<void> {
  const buffer = new Uint8Array(64 << 10);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    while (true) {
      if (silence !== null) timer = setTimeout(silence.then, silence.after);
      const count = await from.read(buffer);
      clearTimeout(timer);
      if (count === null) return;
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
    }
  } catch {
    // One side is gone: both are closed.
  } finally {
    clearTimeout(timer);
  }
}

function close(what: { close(): void }): void {
  try {
    what.close();
  } catch {
    // It was closed already.
  }
}
