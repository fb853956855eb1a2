/** A handler for every operation that there is: one that is missing does not compile. */
import type { Operation } from "../../shared/api/endpoints.ts";
import { accountRoutes } from "./accounts.ts";
import { agentRoutes } from "./agent.ts";
import { certificateRoutes } from "./certificates.ts";
import { describeRoutes } from "./describe.ts";
import { editRoutes } from "./edits.ts";
import { imageSessionRoutes } from "./image_sessions.ts";
import { imageRoutes } from "./images.ts";
import { jobRoutes } from "./jobs.ts";
import { listRoutes } from "./lists.ts";
import { loginRoutes } from "./logins.ts";
import { metricsRoutes } from "./metrics.ts";
import { projectRoutes } from "./projects.ts";
import { reachRoutes } from "./reach.ts";
import type { RouteHandler } from "./route.ts";
import { registryRoutes } from "./registries.ts";
import { secretRoutes } from "./secrets.ts";
import { sessionRoutes } from "./sessions.ts";
import { volumeRoutes } from "./volumes.ts";

export const HANDLERS: Readonly<Record<Operation, RouteHandler>> = {
  ...accountRoutes,
  ...agentRoutes,
  ...certificateRoutes,
  ...describeRoutes,
  ...editRoutes,
  ...imageRoutes,
  ...imageSessionRoutes,
  ...jobRoutes,
  ...listRoutes,
  ...loginRoutes,
  ...metricsRoutes,
  ...projectRoutes,
  ...reachRoutes,
  ...registryRoutes,
  ...secretRoutes,
  ...sessionRoutes,
  ...volumeRoutes,
};
