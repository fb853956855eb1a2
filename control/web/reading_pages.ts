/** Pages that show what there is and change nothing. */
import type { Page } from "./page.ts";
import { auditPage } from "./pages/audit.tsx";
import { imagesPage, jobsPage, routesPage, secretsPage, volumesPage } from "./pages/lists.tsx";
import { nodePage, nodesPage } from "./pages/nodes.tsx";
import { overviewPage } from "./pages/overview.tsx";
import { projectPage, projectsPage } from "./pages/projects.tsx";
import { firewallPage, namesPage } from "./pages/reach.tsx";
import { servicePage } from "./pages/service.tsx";

export const READING_PAGES: readonly Page[] = [
  overviewPage,
  nodesPage,
  nodePage,
  projectsPage,
  projectPage,
  servicePage,
  volumesPage,
  secretsPage,
  routesPage,
  jobsPage,
  imagesPage,
  namesPage,
  firewallPage,
  auditPage,
];
