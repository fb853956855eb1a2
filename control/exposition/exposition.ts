/** GET /metrics: control plane and, where it is in reach, the agent, as one document for Prometheus. */
import { messageOf } from "../../shared/errors.ts";
import { exposition, EXPOSITION_TYPE } from "../../shared/metrics/exposition.ts";
import type { Sample } from "../../shared/metrics/families.ts";
import { ownProcess } from "../../shared/metrics/own_process.ts";
import type { Context } from "../context.ts";
import type { RequestCounts } from "./requests.ts";
import { controlSamples } from "./samples.ts";

/** A scrape must not wait for a node that hangs. */
const AGENT_MS = 5_000;

async function agentSamples(context: Context): Promise<readonly Sample[]> {
  const all = context.store.nodes.list().map(async ({ id }) => {
    try {
      return await context.links(id)?.samples(AbortSignal.timeout(AGENT_MS)) ?? [];
    } catch (thrown) {
      context.log.warn("a node tells no metrics", { node: id, reason: messageOf(thrown) });
      return [];
    }
  });
  return (await Promise.all(all)).flat();
}

export async function metricsResponse(
  context: Context,
  requests: RequestCounts,
): Promise<Response> {
  const samples = [
    ...ownProcess(context.settings.version),
    ...requests.samples(),
    ...await controlSamples(context),
    ...await agentSamples(context),
  ];
  return new Response(exposition(samples), {
    headers: { "content-type": EXPOSITION_TYPE, "cache-control": "no-store" },
  });
}
