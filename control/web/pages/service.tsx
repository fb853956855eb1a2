/** `/projects/P/services/S` */
import type { ApiClient } from "../../../shared/api/client.ts";
import { ENDPOINTS } from "../../../shared/api/endpoints.ts";
import { ApiError } from "../../../shared/api/problem.ts";
import type { NodeEvent } from "../../../shared/model/event.ts";
import { PlotCard, plotRange } from "../../../ui/components/plot.tsx";
import { ServicePage } from "../../../ui/pages/service.tsx";
import { sentenceOf } from "../../../ui/text/format.ts";
import { serviceHref } from "../../../ui/text/hrefs.ts";
import { ServiceActions } from "../../../ui/parts/actions.tsx";
import type { Page } from "../page.ts";

const EVENTS = 40;
/** The page is not held up by a node that does not answer. */
const NODE_MS = 2_000;

/** The newest first, or why they cannot be had. */
async function eventsOf(
  api: ApiClient,
  project: string,
  service: string,
): Promise<readonly NodeEvent[] | { readonly missing: string }> {
  const signal = AbortSignal.timeout(NODE_MS);
  try {
    const events: NodeEvent[] = [];
    for await (const event of api.events({ project, service, tail: EVENTS }, signal)) {
      events.push(event);
    }
    return events.reverse();
  } catch (thrown) {
    if (thrown instanceof ApiError) return { missing: sentenceOf(thrown.problem.detail) };
    if (signal.aborted) return { missing: "The node does not answer." };
    throw thrown;
  }
}

export const servicePage: Page = {
  path: "/projects/:name/services/:service",
  async show({ api, params, query, viewer }) {
    const asked = { name: params["name"] ?? "", service: params["service"] ?? "" };
    const described = await api.look(ENDPOINTS.describeService, { params: asked });
    const [events, job] = await Promise.all([
      eventsOf(api, asked.name, asked.service),
      described.job === undefined ? null : api.look(ENDPOINTS.describeJob, { params: asked }),
    ]);
    return {
      title: `${described.service.name} of ${described.service.project}`,
      main: (
        <ServicePage
          {...described}
          events={events}
          runs={job?.runs ?? []}
          plots={
            <PlotCard
              subject={{ kind: "service", project: asked.name, service: asked.service }}
              range={plotRange(query.get("range"))}
              here={serviceHref(asked.name, asked.service)}
            />
          }
          actions={
            <ServiceActions
              project={asked.name}
              service={asked.service}
              operator={viewer.may("operator", asked.name)}
              job={described.job ?? null}
            />
          }
        />
      ),
    };
  },
};
