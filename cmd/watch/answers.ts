/** Each new answer of what is watched, over new starts of the control plane. */
import type { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import type { WatchQuery } from "../../shared/api/queries.ts";
import type { Watchable } from "../../shared/api/endpoint.ts";
import type { Cli } from "../cli.ts";
import { createPatience, watchSignal } from "./away.ts";

/** Changes come to people at most this often. */
const PAUSE_MS = 200;

/**
 * Answers until the user ends it or nobody reads on. One that cannot be had at all is an error; a
 * control plane that goes away after that is waited for.
 */
export async function* answersOf<Answer extends z.ZodType>(
  cli: Cli,
  api: Pick<ApiClient, "watch">,
  described: Watchable<Answer>,
  asked: WatchQuery,
): AsyncGenerator<z.infer<Answer>> {
  const signal = watchSignal(cli);
  const patience = createPatience(cli, signal);
  let last = "";
  while (!signal.aborted) {
    try {
      for await (const answer of api.watch(described, asked, signal)) {
        patience.answered();
        const text = JSON.stringify(answer);
        // After a new connection it may be what is known already.
        if (text !== last) yield answer;
        last = text;
        await cli.host.clock.sleep(PAUSE_MS, signal);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      await patience.wait(thrown);
    }
  }
}
