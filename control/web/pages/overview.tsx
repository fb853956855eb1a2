/** `/` */
import { PlotCard, plotRange } from "../../../ui/components/plot.tsx";
import { OverviewPage } from "../../../ui/pages/overview.tsx";
import type { Page } from "../page.ts";

export const overviewPage: Page = {
  path: "/",
  early: "Overview",
  async show({ api, query }) {
    const [nodes, projects, services, changes] = await Promise.all([
      api.nodes(),
      api.projects(),
      api.services(),
      api.changes({ limit: 8 }),
    ]);
    const [first] = nodes;
    return {
      title: "Overview",
      main: (
        <OverviewPage
          nodes={nodes}
          projects={projects}
          services={services}
          changes={changes}
          plots={first !== undefined && (
            <PlotCard
              subject={{ kind: "node", node: first.name }}
              range={plotRange(query.get("range"))}
              here="/"
              title={`Resources of node ${first.name}`}
            />
          )}
        />
      ),
    };
  },
};
