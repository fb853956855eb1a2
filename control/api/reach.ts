/** Names and firewall as people are told: from the very sections that nodes were told last. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { FirewallView, NameAnswer, NamedServiceView } from "../../shared/api/reach.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { DeploymentReport } from "../../shared/model/report.ts";
import { type FirewallSection, type NamesSection, Section } from "../../shared/model/sections.ts";
import type { ServiceName } from "../../shared/model/service_spec.ts";
import { type Asker, type NamedHost, namesFor, reachable } from "../../shared/names/reach.ts";
import type { Context } from "../context.ts";
import { currentManifest } from "../desired/publish.ts";
import type { DeploymentRow } from "../store/deployments.ts";
import type { NodeRow } from "../store/nodes.ts";
import { noService } from "./no_service.ts";
import { answerJson, route } from "./route.ts";

interface Told {
  readonly names: readonly NamesSection[];
  readonly firewall: readonly FirewallSection[];
}

/** What a node was told of names and of the firewall. */
function toldTo({ store }: Context, node: NodeRow): Told {
  const names: NamesSection[] = [];
  const firewall: FirewallSection[] = [];
  for (const { section, sha256 } of currentManifest(node)?.sections ?? []) {
    if (!/^(names|firewall)\//.test(section)) continue;
    const content = store.nodes.section(node.id, sha256);
    if (content === null) continue;
    const parsed = Section.parse(JSON.parse(content));
    if (parsed.capability === "names") names.push(parsed);
    if (parsed.capability === "firewall") firewall.push(parsed);
  }
  return { names, firewall };
}

interface Host extends NamedHost {
  readonly node: string;
  readonly service: ServiceName;
  readonly slot: number;
  /** It has a way out, so its questions are forwarded. */
  readonly external: boolean;
  readonly ports: NamedServiceView["ports"];
}

function isReady(report: DeploymentReport | null): boolean {
  return report?.container?.state === "running" &&
    (report.health === "healthy" || report.health === "none");
}

/**
 * Whom names lead to, as the node says. Of an agent that does not say so yet by the rule that it had
 * then: ready ones, and where a service has none, those that run; an old one until its replacement
 * is ready.
 */
function servingOf({ store }: Context, rows: readonly DeploymentRow[]): ReadonlySet<string> {
  const seen = new Map(rows.map((row) => [row.id, store.observed.deployment(row.id)]));
  const reports = [...seen.values()].filter((report) => report !== null);
  if (reports.some(({ named }) => named !== undefined)) {
    return new Set(reports.filter(({ named }) => named === true).map(({ id }) => id));
  }
  const replaced = new Set(
    rows.flatMap((row) =>
      row.want === "run" && row.replaces !== null && isReady(seen.get(row.id) ?? null)
        ? [row.replaces]
        : []
    ),
  );
  const may = rows.filter((row) => row.want !== "absent" && !replaced.has(row.id));
  const ready = may.filter((row) => isReady(seen.get(row.id) ?? null));
  const served = new Set(ready.map((row) => row.serviceId));
  const running = may.filter((row) =>
    !served.has(row.serviceId) && seen.get(row.id)?.container?.state === "running"
  );
  return new Set([...ready, ...running].map((row) => row.id));
}

function hostsOf(context: Context): Host[] {
  const { store } = context;
  const rows = store.deployments.live();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const serving = servingOf(context, rows);
  return store.nodes.list().flatMap((node) => {
    const { names, firewall } = toldTo(context, node);
    const internal = new Set(
      firewall.flatMap((each) => each.networks.filter((network) => network.internal))
        .map((each) => each.network),
    );
    return firewall.flatMap((section) =>
      section.members.flatMap(({ deployment, address, networks }): Host[] => {
        const row = byId.get(deployment);
        const named = names.find((each) => each.project === section.project)?.services
          .find((each) => each.service === row?.serviceId);
        if (row === undefined || named === undefined) return [];
        const aliases = new Map(named.networks.map((each) => [each.network, each.aliases]));
        return [{
          node: node.name,
          address,
          project: section.projectName,
          service: named.name,
          slot: row.slot,
          containerName: row.containerName,
          networks: networks.map((network) => ({ network, aliases: aliases.get(network) ?? [] })),
          serving: serving.has(row.id),
          external: networks.some((network) => !internal.has(network)),
          ports: named.ports.flatMap(({ name, port, protocol }) =>
            name === undefined ? [] : [{ name, port, protocol }]
          ),
        }];
      })
    );
  });
}

/** Services with their names, sorted. */
function namedServices(context: Context, hosts: readonly Host[]): NamedServiceView[] {
  const views = new Map<string, NamedServiceView>();
  for (const { node, project, service, networks, ports, address, slot, serving } of hosts) {
    const key = `${project}/${service}`;
    const view = views.get(key) ?? {
      node,
      project,
      service,
      name: `${service}.${project}.${context.settings.zone}`.toLowerCase(),
      networks: networks.map((each) => ({ network: each.network, aliases: [...each.aliases] })),
      addresses: [],
      ports: [...ports],
    };
    view.addresses.push({ address, slot, serving });
    views.set(key, view);
  }
  return [...views].sort(([a], [b]) => a < b ? -1 : 1).map(([, view]) => view);
}

function answerTo(
  context: Context,
  query: { readonly name: string; readonly project?: string; readonly service?: ServiceName },
): NameAnswer {
  const zone = context.settings.zone.toLowerCase();
  const name = query.name.toLowerCase().replace(/\.$/, "");
  if (name.startsWith("_")) {
    throw new SkerryError(
      "bad_request",
      `"${query.name}" asks for a service record, which is not looked up here`,
      "Ask on the node itself: dig SRV NAME.",
    );
  }
  const hosts = hostsOf(context);
  const from = hosts.find((each) =>
    each.project === query.project && each.service === query.service
  );
  const isContainer = query.project !== undefined;
  if (isContainer && from === undefined) {
    throw noService(query.project ?? "", query.service ?? "");
  }
  const asker: Asker | null = from === undefined
    ? null
    : { project: from.project, networks: from.networks.map((each) => each.network) };
  const visible = reachable(hosts, asker);
  const found = namesFor(hosts, visible, asker, zone).get(name);
  if (found !== undefined) {
    const addresses = found.flatMap((address) => {
      const host = hosts.find((each) => each.address === address);
      return host === undefined ? [] : [{ address, project: host.project, service: host.service }];
    });
    return { name, state: addresses.length === 0 ? "empty" : "found", addresses };
  }
  const ours = name === zone || name.endsWith(`.${zone}`) || !name.includes(".");
  const state = ours || from?.external === false ? "absent" : "forwarded";
  return { name, state, addresses: [] };
}

function firewallView(context: Context, sees: (project: string) => boolean): FirewallView {
  const { store } = context;
  const rows = new Map(store.deployments.live().map((row) => [row.id, row]));
  const services = new Map(store.services.list().map((each) => [each.id, each.name]));
  const networks = new Map<string, FirewallView["networks"][number]>();
  const published: FirewallView["published"] = [];
  for (const node of store.nodes.list()) {
    for (const section of toldTo(context, node).firewall) {
      if (!sees(section.projectName)) continue;
      const serviceOf = (deployment: DeploymentRow["id"]) => {
        const row = rows.get(deployment);
        return row === undefined ? undefined : services.get(row.serviceId);
      };
      for (const { network, internal } of section.networks) {
        const known = networks.get(network) ?? { network, internal, members: [] };
        networks.set(network, { ...known, internal: known.internal || internal });
      }
      for (const { deployment, address, networks: on } of section.members) {
        const service = serviceOf(deployment);
        if (service === undefined) continue;
        for (const network of on) {
          const members = networks.get(network)?.members;
          const member = members?.find((each) =>
            each.project === section.projectName && each.service === service
          );
          if (member !== undefined) member.addresses.push(address);
          else members?.push({ project: section.projectName, service, addresses: [address] });
        }
      }
      for (const { deployment, port } of section.published) {
        const service = serviceOf(deployment);
        if (service === undefined) continue;
        const { hostAddress = null, hostPort, containerPort, protocol } = port;
        const leads = { hostAddress, hostPort, containerPort, protocol };
        published.push({ node: node.name, project: section.projectName, service, ...leads });
      }
    }
  }
  return {
    networks: [...networks.values()].sort((a, b) => a.network < b.network ? -1 : 1),
    published: published.sort((a, b) => a.hostPort - b.hostPort),
  };
}

export const reachRoutes = {
  names: route(
    ENDPOINTS.names,
    async (context, { sight }) =>
      answerJson(ENDPOINTS.names, {
        zone: context.settings.zone,
        items: namedServices(
          context,
          hostsOf(context).filter((each) => sight.project(each.project)),
        ),
      }),
  ),
  nameAnswer: route(
    ENDPOINTS.nameAnswer,
    async (context, { query }) => answerJson(ENDPOINTS.nameAnswer, answerTo(context, query)),
  ),
  firewall: route(
    ENDPOINTS.firewall,
    async (context, { sight }) =>
      answerJson(ENDPOINTS.firewall, firewallView(context, (name) => sight.project(name))),
  ),
};
