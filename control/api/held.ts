/** Answers that wait until they are others than the asker knows: how people watch. */
import { LIMITS } from "../../shared/api/limits.ts";
import { sha256 } from "../../shared/model/hash.ts";
import type { Context } from "../context.ts";

/** Changes that come close together are one: a view is not made more often than this. */
const GATHER_MS = 100;

/**
 * The answer, with an ETag; 304 where the asker knows it already and it stayed so for `waitSeconds`.
 * What changes by time alone (a node that fell silent) is seen when the time is over.
 */
export async function held(
  context: Pick<Context, "stateBell" | "closing">,
  request: Request,
  waitSeconds: number,
  answer: () => Promise<Response>,
): Promise<Response> {
  const known = request.headers.get("if-none-match");
  const until = performance.now() + Math.min(waitSeconds, LIMITS.watchSeconds) * 1000;
  const listener = context.stateBell.listen("state");
  try {
    while (true) {
      const response = await answer();
      const text = await response.text();
      const etag = response.headers.get("etag") ?? `"${sha256(text).slice(0, 32)}"`;
      const headers = new Headers(response.headers);
      headers.set("etag", etag);
      if (known !== etag) return new Response(text, { status: response.status, headers });
      const leftMs = until - performance.now();
      const ended = () => context.closing.aborted || request.signal.aborted;
      if (leftMs <= 0 || ended()) return new Response(null, { status: 304, headers: { etag } });
      await listener.wait(leftMs, context.closing, request.signal);
      // A look at a store that is closed would be an error, and nobody is there to read it.
      if (ended()) return new Response(null, { status: 304, headers: { etag } });
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      if (ended()) return new Response(null, { status: 304, headers: { etag } });
    }
  } finally {
    listener.close();
  }
}
