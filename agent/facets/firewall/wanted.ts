/** From intent to the state that the tables shall have. Pure. */
import type { HomeLayout } from "../../../shared/home.ts";
import type {
  FirewallWanted,
  MemberWanted,
  NodePortWanted,
  PublishedWanted,
} from "../../drivers/nftables/driver.ts";
import { isOnHost, networksOfProject } from "../../reconcile/host_services.ts";
import type { Desired } from "../../reconcile/world.ts";

/**
 * The tables for what is desired. A network counts as internal where any project says so, and a
 * network that nobody describes counts as internal.
 */
export function wantedFirewall(
  desired: Desired,
  home: Pick<HomeLayout, "bridge" | "nftTable">,
  published: readonly PublishedWanted[],
): FirewallWanted {
  const { node } = desired;
  return {
    table: home.nftTable,
    bridge: home.bridge,
    gateway: node.gateway,
    subnet: node.containerSubnet,
    fleetRanges: [...new Set([node.containerRange, node.meshRange])].sort(),
    members: membersOf(desired),
    published,
    nodePorts: nodePortsOf(desired),
  };
}

/** What containers reach of their project's services on the host's network: the ports that these name. */
function nodePortsOf(desired: Desired): readonly NodePortWanted[] {
  const wanted = new Map<string, NodePortWanted>();
  const members = membersOf(desired);
  for (const section of desired.containers) {
    const ports = section.deployments.filter(isOnHost).flatMap(({ spec }) => spec.expose);
    if (ports.length === 0) continue;
    const networks = new Set(networksOfProject(desired, section));
    for (const member of members.filter((each) => each.networks.some((one) => networks.has(one)))) {
      for (const { port, protocol } of ports) {
        wanted.set(`${member.address} ${protocol} ${port}`, {
          from: member.address,
          protocol,
          port,
        });
      }
    }
  }
  return [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function membersOf(desired: Desired): readonly MemberWanted[] {
  const described = desired.firewall.flatMap((section) => section.networks);
  const internal = new Set(described.filter((each) => each.internal).map((each) => each.network));
  const known = new Set(described.map((each) => each.network));
  const leaving = new Set(
    desired.containers.flatMap((section) =>
      section.deployments.filter((each) => each.want === "absent").map((each) => each.id)
    ),
  );
  const byAddress = new Map<string, MemberWanted>();
  const members = desired.firewall.flatMap((section) => section.members);
  // Where one address is listed twice, who stays counts and not who leaves.
  for (const stays of [true, false]) {
    for (const { deployment, address, networks } of members) {
      if (leaving.has(deployment) === stays || byAddress.has(address)) continue;
      const external = networks.some((network) => known.has(network) && !internal.has(network));
      byAddress.set(address, { address, networks: [...networks].sort(), external });
    }
  }
  return [...byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}
