/** `/nodes` and `/nodes/N` */
import { ENDPOINTS } from "../../../shared/api/endpoints.ts";
import { PlotCard, plotRange } from "../../../ui/components/plot.tsx";
import { NodePage } from "../../../ui/pages/node.tsx";
import { NodesPage } from "../../../ui/pages/nodes.tsx";
import { nodeHref } from "../../../ui/text/hrefs.ts";
import type { Page } from "../page.ts";

export const nodesPage: Page = {
  path: "/nodes",
  show: async ({ api }) => ({ title: "Nodes", main: <NodesPage nodes={await api.nodes()} /> }),
};

export const nodePage: Page = {
  path: "/nodes/:node",
  async show({ api, params, query }) {
    const described = await api.look(ENDPOINTS.describeNode, {
      params: { node: params["node"] ?? "" },
    });
    const { name } = described.node;
    return {
      title: name,
      main: (
        <NodePage
          {...described}
          plots={
            <PlotCard
              subject={{ kind: "node", node: name }}
              range={plotRange(query.get("range"))}
              here={nodeHref(name)}
            />
          }
        />
      ),
    };
  },
};
