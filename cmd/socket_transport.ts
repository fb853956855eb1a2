/** Carries an agent's requests to the control plane of its home, over that one's unix socket. */
import type { Transport } from "../shared/api/client.ts";
import { SkerryError } from "../shared/errors.ts";

export interface SocketTransport extends Disposable {
  /** Rejects with `control_unreachable` while nobody listens. */
  readonly send: Transport;
}

/** Nothing is opened before the first request. */
export function socketTransport(path: string): SocketTransport {
  // No connection is kept: one to a control plane that was replaced meanwhile breaks the next request.
  const client = Deno.createHttpClient({
    proxy: { transport: "unix", path },
    poolMaxIdlePerHost: 0,
  });
  return {
    async send(request) {
      try {
        return await fetch(request, { client });
      } catch (cause) {
        if (request.signal.aborted) throw cause;
        throw new SkerryError(
          "control_unreachable",
          `no control plane answers on ${path}`,
          "What runs goes on; start `skerry control` with the same home.",
          { cause },
        );
      }
    },
    [Symbol.dispose]: () => client.close(),
  };
}
