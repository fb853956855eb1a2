/** What `get` shows, made from what is stored and reported. */
import type {
  ContainerView,
  NodeView,
  ProjectView,
  RouteView,
  ServiceView,
  VolumeView,
} from "../../shared/api/views.ts";
import { compareLimits } from "../../shared/model/limits.ts";
import type { DeploymentReport, Health, Stage } from "../../shared/model/report.ts";
import { isReady, isTrouble } from "../../shared/tone.ts";
import type { Context } from "../context.ts";
import type { NodeReport } from "../store/observed.ts";
import type { DeploymentRow } from "../store/deployments.ts";
import type { ProjectRow } from "../store/projects.ts";
import type { PinRow, RevisionRow, ServiceRow } from "../store/services.ts";

/** A node that has not reported for so long is not online. */
const ONLINE_MS = 60_000;

/** From worst to best: what a person should look at first. */
const WORST_FIRST: readonly Stage[] = [
  "failed",
  "rolled_back",
  "unknown",
  "pending",
  "pulling",
  "starting",
  "stopped",
  "healthy",
  "dns_updating",
  "traefik_updating",
  "stopping_old",
  "running",
  "scheduled",
  "completed",
];
const WORST_HEALTH: readonly Health[] = ["unhealthy", "starting", "healthy", "none"];

export interface Shown {
  readonly row: DeploymentRow;
  readonly project: ProjectRow;
  readonly service: ServiceRow;
  readonly revision: RevisionRow;
  /** By name. */
  readonly node: string;
  readonly pin: PinRow | null;
  readonly seen: DeploymentReport | null;
  readonly addresses: readonly string[];
}

/** All that is not gone, of one project or all, sorted by project, service and slot. */
export function shownDeployments({ store }: Context, project?: string): Shown[] {
  const owners = project === undefined
    ? store.projects.list()
    : [store.projects.byName(project) ?? []].flat();
  const only = project === undefined ? undefined : owners[0]?.id;
  if (owners.length === 0) return [];
  const projects = new Map(owners.map((each) => [each.id, each]));
  const services = new Map(store.services.list(only).map((each) => [each.id, each]));
  const pins = store.services.livePins(only);
  const seen = store.observed.live(only);
  const addresses = store.deployments.liveAddresses(only);
  const nodes = new Map(store.nodes.list().map((each) => [each.id, each.name]));
  const shown = store.deployments.live(only).flatMap((row): Shown[] => {
    const owner = projects.get(row.projectId);
    const service = services.get(row.serviceId);
    const revision = store.services.revision(row.revisionId);
    if (owner === undefined || service === undefined || revision === null) return [];
    return [{
      row,
      project: owner,
      service,
      revision,
      node: nodes.get(row.nodeId) ?? row.nodeId,
      pin: pins.get(revision.pinId) ?? null,
      seen: seen.get(row.id) ?? null,
      addresses: addresses.get(row.id) ?? [],
    }];
  });
  return shown.sort((a, b) => {
    const one = `${a.project.name}\0${a.service.name}`;
    const other = `${b.project.name}\0${b.service.name}`;
    return one < other ? -1 : one > other ? 1 : a.row.slot - b.row.slot ||
      b.row.createdAt - a.row.createdAt;
  });
}

function imageView(shown: Shown): ContainerView["image"] {
  return {
    reference: shown.revision.spec.image.reference,
    digest: shown.pin?.digest ?? null,
    id: shown.pin?.imageId ?? null,
  };
}

/** One deployment and its container. */
export function containerView(shown: Shown): ContainerView {
  const { row, seen } = shown;
  return {
    deployment: row.id,
    project: shown.project.name,
    service: shown.service.name,
    slot: row.slot,
    kind: row.kind,
    want: row.want,
    node: shown.node,
    name: row.containerName,
    image: imageView(shown),
    addresses: [...shown.addresses],
    stage: seen?.stage ?? "pending",
    health: seen?.health ?? "none",
    reason: seen?.reason ?? null,
    pull: seen?.pull ?? null,
    container: seen?.container ?? null,
    restarts: seen?.restarts ?? 0,
    limits: [...compareLimits(shown.revision.spec, seen?.kernel?.limits ?? null)],
    refusedProcesses: seen?.kernel?.refusedProcesses ?? 0,
    memoryKills: seen?.kernel?.memoryKills ?? 0,
  };
}

/** The last report of each node, by name. */
function reports(context: Context): NodeReport[] {
  return context.store.nodes.list().flatMap((node) =>
    context.store.observed.node(node.id)?.report ?? []
  );
}

function urlsOf(
  context: Context,
  /** Of a route without one of its own. */
  reachedAt: string,
  route: { readonly host?: string | null; readonly path: string; readonly tls: string },
): string[] {
  const { httpPort, httpsPort } = context.settings;
  const host = route.host ?? reachedAt;
  const http = `http://${host}${httpPort === 80 ? "" : `:${httpPort}`}${route.path}`;
  const https = `https://${host}${httpsPort === 443 ? "" : `:${httpsPort}`}${route.path}`;
  switch (route.tls) {
    case "off":
      return [http];
    case "redirect":
      return [https];
    default:
      return [http, https];
  }
}

/** Routes with what nodes say of them. @param reachedAt the host of those without one: hostOf */
export function routeViews(context: Context, reachedAt: string, project?: string): RouteView[] {
  const { store } = context;
  const said = new Map(
    reports(context).flatMap((report) =>
      report.routes.map((route) => [`${route.project}/${route.id}`, route] as const)
    ),
  );
  return store.projects.list().filter((each) => project === undefined || each.name === project)
    .flatMap((owner) =>
      store.services.list(owner.id).flatMap((service) =>
        service.routes.map((route, index): RouteView => {
          const id = `${service.name}/${index}`;
          const seen = said.get(`${owner.id}/${id}`);
          return {
            project: owner.name,
            id,
            service: service.name,
            host: route.host ?? null,
            path: route.path,
            port: route.port,
            tls: route.tls,
            urls: urlsOf(context, reachedAt, route),
            live: seen?.live ?? false,
            servers: seen?.servers ?? [],
            reason: seen?.reason ?? null,
          };
        })
      )
    );
}

function worst<T>(order: readonly T[], found: readonly T[], otherwise: T): T {
  return order.find((each) => found.includes(each)) ?? otherwise;
}

/** Services that are wanted, each with its worst slot. @param reachedAt as of routeViews */
export function serviceViews(context: Context, reachedAt: string, project?: string): ServiceView[] {
  const groups = new Map<string, Shown[]>();
  for (const shown of shownDeployments(context, project)) {
    if (shown.row.want === "absent") continue;
    const group = groups.get(shown.service.id);
    if (group === undefined) groups.set(shown.service.id, [shown]);
    else group.push(shown);
  }
  return [...groups.values()].flatMap((group): ServiceView[] => {
    const wanted = group.filter((each) => each.row.want === "run");
    const leading = wanted[0] ?? group[0];
    if (leading === undefined) return [];
    const stage = worst(
      WORST_FIRST,
      wanted.map((each) => each.seen?.stage ?? "pending"),
      "pending",
    );
    const furthest = wanted.filter((each) => (each.seen?.stage ?? "pending") === stage);
    const ill = furthest.find((each) => isTrouble(each.seen?.reason ?? null)) ?? furthest[0];
    const running = group.filter((each) => each.seen?.container?.state === "running");
    const slotsOf = (some: readonly Shown[]) => new Set(some.map((each) => each.row.slot)).size;
    const { spec } = leading.revision;
    return [{
      id: leading.service.id,
      project: leading.project.name,
      name: leading.service.name,
      kind: leading.row.kind,
      image: imageView(leading),
      slots: {
        wanted: wanted.length,
        running: slotsOf(running),
        ready: slotsOf(running.filter(({ seen }) => isReady(seen))),
      },
      stage,
      health: worst(WORST_HEALTH, wanted.map((each) => each.seen?.health ?? "none"), "none"),
      reason: ill?.seen?.reason ?? null,
      urls: leading.service.routes.flatMap((each) => urlsOf(context, reachedAt, each)),
      ports: spec.ports.map((port) =>
        `${port.hostAddress ?? "0.0.0.0"}:${port.hostPort}->${port.containerPort}/${port.protocol}`
      ),
    }];
  });
}

/** Projects, deleted ones too as long as anything is left of them. */
export function projectViews(context: Context): ProjectView[] {
  const { store } = context;
  const counts = store.deployments.serviceCounts();
  const releases = store.projects.newestReleases();
  return store.projects.list().map((project) => {
    const newest = releases.get(project.id) ?? null;
    return {
      id: project.id,
      name: project.name,
      createdAt: project.createdAt,
      release: newest?.id ?? null,
      releaseState: newest?.state ?? null,
      deleted: newest !== null && newest.composePart === null,
      services: counts.get(project.id) ?? 0,
      sourceFolder: newest?.sourceFolder ?? null,
    };
  });
}

/** Nodes and what they reported. */
export function nodeViews(context: Context): NodeView[] {
  const { store, clock } = context;
  const known: ReadonlySet<string> = store.deployments.liveIds();
  return store.nodes.list().map((node) => {
    const last = store.observed.node(node.id);
    return {
      id: node.id,
      name: node.name,
      containerSubnet: node.containerSubnet,
      createdAt: node.createdAt,
      lastReportAt: last?.at ?? null,
      online: last !== null && clock.now() - last.at < ONLINE_MS,
      agentVersion: last?.report.agent.version ?? null,
      revision: node.revision,
      reportedRevision: last?.report.revision ?? null,
      state: last?.report.state ?? null,
      disk: last?.report.disk ?? null,
      ingress: last?.report.ingress ?? null,
      verdicts: (last?.report.verdicts ?? []).filter((each) =>
        each.kind !== "converged" && !known.has(each.subject)
      ),
    };
  });
}

/** Volumes and who mounts them. */
export function volumeViews(context: Context, project?: string): VolumeView[] {
  const { store } = context;
  const projects = new Map(store.projects.list().map((each) => [each.id, each.name]));
  const shown = shownDeployments(context);
  const present = new Set(
    reports(context).flatMap((report) =>
      report.volumes.filter((each) => each.present).map((each) => each.id)
    ),
  );
  return store.volumes.list().flatMap((volume): VolumeView[] => {
    const owner = projects.get(volume.projectId);
    if (owner === undefined || project !== undefined && owner !== project) return [];
    const services = shown.filter((each) =>
      each.row.want !== "absent" &&
      each.revision.spec.mounts.some((mount) =>
        mount.kind === "volume" && mount.volume === volume.id
      )
    ).map((each) => each.service.name);
    return [{
      id: volume.id,
      project: owner,
      name: volume.name,
      engineName: volume.engineName,
      node: store.nodes.get(volume.nodeId)?.name ?? volume.nodeId,
      state: volume.state,
      present: present.has(volume.id),
      createdAt: volume.createdAt,
      services: [...new Set(services)].sort(),
    }];
  }).sort((a, b) => `${a.project}\0${a.name}` < `${b.project}\0${b.name}` ? -1 : 1);
}
