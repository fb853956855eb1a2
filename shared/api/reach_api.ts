/** The client's questions about names and the firewall. */
import type { FirewallView, NameAnswer, NameList } from "./reach.ts";
import { REACH_ENDPOINTS } from "./reach_endpoints.ts";
import type { ApiCalls } from "./calls.ts";

export interface ReachApi {
  names(): Promise<NameList>;
  /** `asker` null: the node itself, and the network around it. */
  nameAnswer(
    name: string,
    asker: { readonly project: string; readonly service: string } | null,
  ): Promise<NameAnswer>;
  firewall(): Promise<FirewallView>;
}

export function reachApi({ json }: Pick<ApiCalls, "json">): ReachApi {
  return {
    names: () => json(REACH_ENDPOINTS.names),
    nameAnswer: (name, asker) =>
      json(REACH_ENDPOINTS.nameAnswer, {
        query: { name, project: asker?.project, service: asker?.service },
      }),
    firewall: () => json(REACH_ENDPOINTS.firewall),
  };
}
