/** What the DNS server should be told: a pure function of the intent and of who serves. */
import type { ContainersSection, Deployment } from "../../../shared/model/sections.ts";
import type { DnsConfig, DnsHost, ListenAddress } from "../../loops/dns/config.ts";
import { isOnHost, networksOfProject } from "../../reconcile/host_services.ts";
import type { Desired, World } from "../../reconcile/world.ts";

/** What the box brings along: where to listen and whom to ask. */
export interface NamesPlace {
  readonly listen: readonly ListenAddress[];
  /** `ip` or `ip:port`. */
  readonly upstreams: readonly string[];
}

/** Networks that a container is on, with the aliases of each. */
type Memberships = DnsHost["networks"];

export function wantedNames(
  world: Pick<World, "desired" | "named">,
  place: NamesPlace,
): DnsConfig {
  const { desired, named } = world;
  const { node } = desired;
  const internal = internalNetworks(desired);
  const hosts: DnsHost[] = [];
  for (const section of desired.containers) {
    for (const deployment of section.deployments) {
      if (deployment.want === "absent") continue;
      const networks = memberships(desired, section, deployment);
      const servers = deployment.spec.resolver?.servers;
      if (isOnHost(deployment)) {
        hosts.push({
          address: node.gateway,
          onNode: true,
          project: section.projectName,
          service: deployment.serviceName,
          slot: deployment.slot,
          containerName: deployment.containerName,
          networks: networksOfProject(desired, section).map((network) => ({
            network,
            aliases: [],
          })),
          ...namedPorts(desired, section, deployment),
          serving: named.has(deployment.id),
          external: true,
        });
      }
      for (const address of deployment.addresses) {
        hosts.push({
          address,
          project: section.projectName,
          service: deployment.serviceName,
          slot: deployment.slot,
          containerName: deployment.containerName,
          networks,
          ...namedPorts(desired, section, deployment),
          serving: named.has(deployment.id),
          external: networks.some(({ network }) => !internal.has(network)),
          ...(servers === undefined ? {} : { upstreams: servers }),
        });
      }
    }
  }
  hosts.sort((a, b) =>
    order(a.project, b.project) || order(a.service, b.service) ||
    a.slot - b.slot || order(a.address, b.address)
  );
  return {
    zone: node.zone.toLowerCase(),
    ttlSeconds: node.dnsTtlSeconds,
    listen: [...place.listen],
    subnet: node.containerSubnet,
    upstreams: [...place.upstreams],
    hosts,
  };
}

/** The ports that have a name, as the names section says. */
function namedPorts(
  desired: Desired,
  section: ContainersSection,
  deployment: Deployment,
): Pick<DnsHost, "ports"> {
  const service = desired.names.find((one) => one.project === section.project)?.services
    .find((one) => one.service === deployment.service);
  const ports = (service?.ports ?? deployment.spec.expose).flatMap(({ name, port, protocol }) =>
    name === undefined ? [] : [{ name, port, protocol }]
  );
  return ports.length === 0 ? {} : { ports };
}

/** A network is internal where the section of the project that it belongs to says so, or any does. */
function internalNetworks(desired: Desired): Set<string> {
  const internal = new Set<string>();
  for (const section of desired.firewall) {
    for (const network of section.networks) if (network.internal) internal.add(network.network);
  }
  return internal;
}

/**
 * The networks of the firewall's membership, which is what packets obey, with the aliases that the
 * names section gives the service; before these sections are there, those of the spec.
 */
function memberships(
  desired: Desired,
  section: ContainersSection,
  deployment: Deployment,
): Memberships {
  const member = desired.firewall.find((one) => one.project === section.project)?.members
    .find((one) => one.deployment === deployment.id);
  const named = desired.names.find((one) => one.project === section.project)?.services
    .find((one) => one.service === deployment.service);
  const aliases = new Map(
    (named?.networks ?? deployment.spec.networks).map((one) => [one.network, one.aliases]),
  );
  const networks = member?.networks ?? deployment.spec.networks.map(({ network }) => network);
  return [...networks].sort(order).map((network) => ({
    network,
    aliases: [...aliases.get(network) ?? []].sort(order),
  }));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
