/** A connection to a control plane elsewhere, as the CLI uses it. */
import { createApiClient } from "../../shared/api/client.ts";
import { Problem } from "../../shared/api/problem.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { Connection } from "../connection.ts";
import { controlAddress } from "./address.ts";
import type { ContextEntry } from "./book.ts";
import { claimedAuthority } from "./first_contact.ts";
import { openTunnel } from "./tunnel.ts";
import { X509Certificate } from "node:crypto";

/** What of an entry a connection needs; without a token one is nobody there. */
export type Reached = Pick<ContextEntry, "url" | "authority"> & { readonly token: string | null };

/** Nothing is sent before the first call. @param name of its context, for what is said of it */
export function connectAway(name: string, { url, authority, token }: Reached): Connection {
  const address = controlAddress(url);
  const tunnel = openTunnel(address, authority);
  const client = Deno.createHttpClient({
    proxy: { transport: "tcp", hostname: "127.0.0.1", port: tunnel.port },
  });
  const origin = url.replace(/^https/, "http");
  const bearer: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };

  const unreachable = (cause: unknown) => {
    const why = messageOf(tunnel.failure() ?? cause);
    return new SkerryError(
      "control_unreachable",
      `no control plane answers at ${url} (context "${name}"): ${why}`,
      "check that `skerry up` runs there and that the network leads to it, or choose another: " +
        "skerry context list",
      { cause },
    );
  };

  /** What a failed connection means: no way there, or somebody else at its end. */
  async function explained(cause: unknown): Promise<SkerryError> {
    const { failure } = { failure: tunnel.failure() };
    if (!isCertificateFault(failure)) return unreachable(cause);
    const shown = authority === null ? null : await claimedAuthority(address).catch(() => null);
    return changed(name, url, authority, shown?.fingerprint ?? null, failure);
  }

  const api = createApiClient(async (request) => {
    try {
      const { pathname, search } = new URL(request.url);
      const sent = new Request(`${origin}${pathname}${search}`, request);
      for (const [header, value] of Object.entries(bearer)) sent.headers.set(header, value);
      const response = await fetch(sent, { client });
      if (response.status === 401 && token !== null) throw await loggedOut(name, url, response);
      return response;
    } catch (thrown) {
      if (thrown instanceof SkerryError) throw thrown;
      if (request.signal.aborted) throw thrown;
      throw await explained(thrown);
    }
  });
  return {
    api,
    webSocket: (path) =>
      new WebSocket(`${origin.replace(/^http/, "ws")}${path}`, { client, headers: bearer }),
    unreachable,
    [Symbol.dispose]() {
      client.close();
      tunnel[Symbol.dispose]();
    },
  };
}

/** Code of a token that the control plane does not take. */
export const LOGGED_OUT = "logged_out";

async function loggedOut(name: string, url: string, response: Response): Promise<SkerryError> {
  const problem = Problem.safeParse(await response.json().catch(() => null));
  const why = problem.success ? `: ${problem.data.detail}` : "";
  return new SkerryError(
    LOGGED_OUT,
    `${url} does not take the login of the context "${name}" any more${why}`,
    `log in anew: skerry login ${url} --name ${name}`,
  );
}

function isCertificateFault(failure: unknown): boolean {
  return failure !== null && /certificate|UnknownIssuer|NotValidForName/i.test(messageOf(failure));
}

function changed(
  name: string,
  url: string,
  authority: string | null,
  shown: string | null,
  cause: unknown,
): SkerryError {
  const why = messageOf(cause);
  if (/Expired|NotValidYet/i.test(why)) {
    return new SkerryError(
      "certificate_time",
      `the certificate of ${url} does not hold at this machine's time: ${why}`,
      "set the clock of this machine, or that of the box, right",
      { cause },
    );
  }
  if (authority === null) {
    return new SkerryError(
      "certificate_refused",
      `the certificate of ${url} is not trusted any more: ${why}`,
      `look who answers there; to pin its private authority instead: skerry login ${url}`,
      { cause },
    );
  }
  const known = new X509Certificate(authority).fingerprint256;
  return new SkerryError(
    "authority_changed",
    `THE AUTHORITY OF ${url} HAS CHANGED. Somebody may be reading along, or the box was set up ` +
      `anew.\npinned: ${known}\nshown:  ${shown ?? "none"}`,
    "nothing was sent. Compare with `skerry ca show` on the box itself; where it is right: " +
      `skerry context remove ${name}, then skerry login ${url}`,
    { cause },
  );
}
