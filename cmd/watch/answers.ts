/** Each new answer of what is watched, over new starts of the control plane. */
import type { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import type { WatchQuery } from "../../shared/api/queries.ts";
import type { Watchable } from "../../shared/api/endpoint.ts";
import { ApiError } from "../../shared/api/problem.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Cli } from "../cli.ts";

const RETRY_MS = 1_000;
/** Changes come to people at most this often. */
const PAUSE_MS = 200;

/** The control plane ended, is ending or is not there yet: it is waited for. */
function isAway(thrown: unknown): boolean {
  if (thrown instanceof ApiError) return thrown.status === 503;
  if (thrown instanceof SkerryError) return thrown.code === "control_unreachable";
  // A connection that broke within an answer.
  return thrown instanceof TypeError;
}

/**
 * Answers until the signal aborts. One that cannot be had at all is an error; a control plane that
 * goes away after that is waited for, and this is said once.
 */
export async function* answersOf<Answer extends z.ZodType>(
  cli: Cli,
  api: Pick<ApiClient, "watch">,
  described: Watchable<Answer>,
  asked: WatchQuery,
): AsyncGenerator<z.infer<Answer>> {
  const { signal, clock, terminal } = cli.host;
  let first = true;
  let away = false;
  let last = "";
  while (!signal.aborted) {
    try {
      for await (const answer of api.watch(described, asked, signal)) {
        if (away) terminal.err("skerry answers again\n");
        first = away = false;
        const text = JSON.stringify(answer);
        // After a new connection it may be what is known already.
        if (text !== last) yield answer;
        last = text;
        await clock.sleep(PAUSE_MS, signal);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      if (first || !isAway(thrown)) throw thrown;
      if (!away) terminal.err("skerry does not answer; waiting for it (Ctrl-C ends this)\n");
      away = true;
      await clock.sleep(RETRY_MS, signal);
    }
  }
}
