/** How the CLI reaches a control plane: that of a home over its unix socket, others by HTTPS. */
import { type ApiClient, createApiClient } from "../shared/api/client.ts";
import { SkerryError } from "../shared/errors.ts";
import { DEFAULT_HOME, type HomeLayout } from "../shared/home.ts";
import { connectAway } from "./contexts/connect.ts";
import type { Place } from "./place.ts";

export interface Connection extends Disposable {
  readonly api: ApiClient;
  /** Opens a WebSocket at a path of the API. */
  webSocket(path: string): WebSocket;
  /** What to say where it does not answer. */
  unreachable(cause: unknown): SkerryError;
}

/** A connection to the control plane that is meant. */
export function connectTo(place: Place): Connection {
  switch (place.kind) {
    case "here":
      return connect(place.layout);
    case "away":
      return connectAway(place.name, place.entry);
  }
}

/** A connection to a home's control plane. Nothing is sent before the first call. */
export function connect(layout: HomeLayout): Connection {
  const client = Deno.createHttpClient({
    proxy: { transport: "unix", path: layout.controlSocket },
  });
  const unreachable = (cause: unknown) => {
    const home = layout.home === DEFAULT_HOME ? "" : `SKERRY_HOME=${layout.home} `;
    return new SkerryError(
      "control_unreachable",
      `no control plane answers on ${layout.controlSocket}`,
      `start it with \`${home}skerry up\`, or name its folder with --home (only root may use it); ` +
        "one elsewhere is reached after `skerry login https://BOX:7443`",
      { cause },
    );
  };
  const api = createApiClient(async (request) => {
    try {
      return await fetch(request, { client });
    } catch (thrown) {
      if (request.signal.aborted) throw thrown;
      throw unreachable(thrown);
    }
  });
  return {
    api,
    webSocket: (path) => new WebSocket(`ws://localhost${path}`, { client }),
    unreachable,
    [Symbol.dispose]: () => client.close(),
  };
}
