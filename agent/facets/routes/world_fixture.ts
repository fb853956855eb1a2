/** Small worlds for the tests of this folder. */
import { DeploymentId, ProjectId, ServiceId } from "../../../shared/model/ids.ts";
import { type Route, RoutesSection } from "../../../shared/model/sections.ts";
import type { Health } from "../../../shared/model/report.ts";
import type { RoutesSeen } from "./seen.ts";
import type { RoutedDeployment, RoutesWorld } from "./view.ts";

/** An id that begins with the given letters. */
const padded = (kind: string, text: string) => `${kind}_${text.padEnd(26, "a")}`;
export const project = (text: string): ProjectId => ProjectId.parse(padded("prj", text));
export const service = (text: string): ServiceId => ServiceId.parse(padded("svc", text));
export const deploymentId = (text: string): DeploymentId => DeploymentId.parse(padded("dep", text));

/** A section of a project with one route for each entry; ids are `web/0`, `web/1`, … */
export function routesOf(name: string, ...routes: readonly Partial<Route>[]): RoutesSection {
  return RoutesSection.parse({
    capability: "routes",
    project: project(name),
    projectName: name,
    routes: routes.map((route, index) => ({
      id: `web/${index}`,
      service: service("web"),
      serviceName: "web",
      host: `${name}.test`,
      path: "/",
      port: 8080,
      tls: "both",
      allow: [],
      ...route,
    })),
  });
}

export function deployment(
  id: string,
  address: string,
  over: Partial<RoutedDeployment> = {},
): RoutedDeployment {
  const base = { id: deploymentId(id), service: service("web"), addresses: [address] };
  const spec = { health: { kind: "none" as const, probePort: null }, routed: [] };
  return { ...base, want: "run", replaces: null, spec, ...over };
}

export const NOTHING_SEEN: RoutesSeen = {
  alive: true,
  problem: null,
  digest: null,
  servers: new Set(),
  httpPort: 80,
  httpsPort: 443,
};

export interface WorldInput {
  readonly routes: readonly RoutesSection[];
  /** Of project `shop`. */
  readonly deployments?: readonly RoutedDeployment[];
  /** Those of them that serve. */
  readonly serving?: readonly RoutedDeployment[];
  readonly seen?: Partial<RoutesSeen>;
  readonly health?: Readonly<Record<string, Health>>;
  readonly onceHealthy?: readonly string[];
  readonly running?: readonly string[];
}

export function worldOf(input: WorldInput): RoutesWorld {
  const { routes, deployments = input.serving ?? [], serving = [] } = input;
  return {
    desired: { routes, containers: [{ project: project("shop"), deployments }] },
    seen: {
      routes: { ...NOTHING_SEEN, ...input.seen },
      containers: {
        byDeployment: new Map(
          (input.running ?? []).map((id) => [deploymentId(id), { state: "running" }]),
        ),
      },
    },
    health: new Map(
      Object.entries(input.health ?? {}).map(([id, health]) => [deploymentId(id), { health }]),
    ),
    memory: new Map(
      (input.onceHealthy ?? []).map((id) => [deploymentId(id), { wasHealthy: true }]),
    ),
    serving: new Map(serving.map((each) => [each.id, each])),
  };
}
