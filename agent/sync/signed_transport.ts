/** Signs what the node sends to its control plane, whatever carries it. */
import { z } from "zod";
import type { Transport } from "../../shared/api/client.ts";
import type { Clock } from "../../shared/clock.ts";
import {
  contentDigest,
  type RequestSigner,
  signatureHeaders,
} from "../../shared/signing/request.ts";
import type { RequestCounter } from "./counter.ts";

const Replayed = z.object({ code: z.literal("replayed") });

/**
 * A control plane that was started anew takes no counter below its mark: then the counter skips, and
 * the request is sent once more.
 */
export function signedTransport(deps: {
  readonly send: Transport;
  readonly signer: RequestSigner;
  readonly counter: RequestCounter;
  readonly clock: Clock;
}): Transport {
  const { send, signer, counter, clock } = deps;
  return async (request) => {
    const body = request.body === null ? null : await request.bytes();
    const url = new URL(request.url);
    const digest = body === null ? null : contentDigest(body);
    const attempt = async () => {
      const parts = {
        method: request.method,
        authority: url.host,
        path: url.pathname,
        query: url.search,
        contentDigest: digest,
        counter: await counter.next(),
      };
      const headers = new Headers(request.headers);
      const added = signatureHeaders(signer, parts, Math.floor(clock.now() / 1000));
      for (const [name, value] of Object.entries(added)) headers.set(name, value);
      const { method, signal } = request;
      return await send(new Request(url, { method, headers, signal, ...(body && { body }) }));
    };
    const first = await attempt();
    if (first.status !== 401) return first;
    const text = await first.text();
    if (!isReplayed(text)) return new Response(text, { status: 401, headers: first.headers });
    await counter.skip();
    return await attempt();
  };
}

function isReplayed(text: string): boolean {
  try {
    return Replayed.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
