/** `/` */
import { OverviewPage } from "../../../ui/pages/overview.tsx";
import { plotRange } from "../../../ui/components/plot.tsx";
import type { Page } from "../page.ts";

export const overviewPage: Page = {
  path: "/",
  async show({ api, query }) {
    const [nodes, projects, services, changes] = await Promise.all([
      api.nodes(),
      api.projects(),
      api.services(),
      api.changes({ limit: 8 }),
    ]);
    return {
      title: "Overview",
      main: (
        <OverviewPage
          nodes={nodes}
          projects={projects}
          services={services}
          changes={changes}
          range={plotRange(query.get("range"))}
        />
      ),
    };
  },
};
