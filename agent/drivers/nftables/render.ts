/**
 * The ruleset as text for `nft -f -`. Pure: equal intent is equal text.
 *
 * Who reaches whom, decided here:
 * - container → container: only over a shared network, by one look-up of the source in `view` and
 *   one of the destination in that view's set, whatever the number of networks.
 * - container → outside: only where it has a network that is not internal.
 * - container → host: port 53 and echo on the gateway, the ports of its own project's services on
 *   the host's network, nothing else, the ingress included.
 * - container → a published port of the host: as the LAN, where it has a way out; else only where
 *   it shares a network with the container behind the port.
 * - LAN → container: only through a published port, and never by an address of 127.0.0.0/8, which
 *   the kernel would refuse only after our DNAT; LAN → gateway address: nothing. Host →
 *   container: always, but for "port unreachable": a name that is asked for while the DNS server is
 *   being replaced is then asked for again by the container's resolver, instead of failing at once.
 *
 * Packets of a connection's first direction are judged each time, so that leaving a network cuts
 * connections too; answers are let through. What is refused to a container is rejected, so that
 * its programs fail at once; what comes from elsewhere is dropped.
 *
 * Frames never pass from port to port of the bridge: proxy ARP (proxy_arp_pvlan) leads them through
 * `forward` with their own source, also without br_netfilter. The one exception: with br_netfilter
 * on, the kernel itself turns a DNATed packet back onto the bridge; the mark (which no container can
 * set, the kernel clears it between namespaces) tells those, and `forward` has judged them then too.
 */
import { SkerryError } from "../../../shared/errors.ts";
import { sha256 } from "../../../shared/model/hash.ts";
import type { FirewallWanted, MemberWanted, PublishedWanted } from "./driver.ts";

/** One bit of the packet mark that is ours: DNATed, and on its way back onto our bridge. */
export const HAIRPIN_MARK = "0x00800000";

/** Prefix of the comments that carry what we must know again. */
export const DIGEST_COMMENT = "skerry-digest:";
export const SEAL_COMMENT = "skerry-seal:";
/** The chain that carries them, in the inet table; no packet passes through it. */
export const NOTES_CHAIN = "notes";

/**
 * How frames of our bridge are told from those of others: `name` needs the kernel's nft_meta_bridge
 * (in every distribution's kernel); `addresses` serves where it is missing, and then frames that are
 * neither IPv4 nor ARP are no longer forwarded by any bridge of the host.
 */
export type BridgeMatch = "name" | "addresses";

/** Containers that are on the same set of networks. */
interface View {
  readonly name: string;
  readonly sources: readonly string[];
  /** Addresses on at least one of the networks. */
  readonly reach: readonly string[];
}

/** Removes both tables, whether they are there or not. */
export function renderRemove(table: string): string {
  const name = checkedName(table, "table name");
  return ["inet", "bridge"].map((family) =>
    `table ${family} ${name}\ndelete table ${family} ${name}\n`
  ).join("");
}

/** Both tables, replaced. `digest` is carried as a comment. */
export function renderReplace(
  wanted: FirewallWanted,
  digest: string,
  match: BridgeMatch,
): string {
  if (!/^[0-9a-z]{1,100}$/.test(digest)) throw unfit("digest", digest);
  return renderRemove(wanted.table) + renderInet(wanted, digest) + renderBridge(wanted, match);
}

/** Digest of the rules for a wanted state: it changes with the state and with how we write rules. */
export function digestOf(wanted: FirewallWanted): string {
  return sha256(renderReplace(wanted, "0", "name"));
}

/** Adds the seal: a hash of the tables as read back, by which a change by another hand is seen. */
export function renderSeal(table: string, seal: string): string {
  if (!/^[0-9a-f]{64}$/.test(seal)) throw unfit("seal", seal);
  const name = checkedName(table, "table name");
  return `add rule inet ${name} ${NOTES_CHAIN} return comment "${SEAL_COMMENT}${seal}"\n`;
}

function renderInet(wanted: FirewallWanted, digest: string): string {
  const table = checkedName(wanted.table, "table name");
  const bridge = checkedName(wanted.bridge, "bridge name");
  const gateway = checkedAddress(wanted.gateway);
  const subnet = checkedRange(wanted.subnet);
  const fleet = sorted(wanted.fleetRanges.map(checkedRange));
  const members = sorted(wanted.members.map((member) => checkedAddress(member.address)));
  const external = sorted(
    wanted.members.filter((member) => member.external).map((member) => member.address),
  );
  const views = viewsOf(wanted.members);
  const published = wanted.published.map(checkedPublished);
  const anyPorts = published.filter((port) => port.hostAddress === null)
    .map((port) => `${port.protocol} . ${port.hostPort} : ${targetOf(port)}`);
  const atPorts = published.filter((port) => port.hostAddress !== null)
    .map((port) => `${port.hostAddress} . ${port.protocol} . ${port.hostPort} : ${targetOf(port)}`);
  const nodePorts = wanted.nodePorts.map(({ from, protocol, port }) =>
    `${checkedAddress(from)} . ${protocol} . ${checkedPort(port)}`
  );
  const hairpin = published.map((port) => `${port.address} . ${port.address}`);

  return `table inet ${table} {
  chain ${NOTES_CHAIN} {
    return comment "${DIGEST_COMMENT}${digest}"
  }

${block("set", "members", "ipv4_addr", members)}
${block("set", "external", "ipv4_addr", external)}
${block("set", "hairpin", "ipv4_addr . ipv4_addr", sorted(hairpin))}
${block("set", "node_ports", "ipv4_addr . inet_proto . inet_service", sorted(nodePorts))}
${
    block(
      "map",
      "published",
      "inet_proto . inet_service : ipv4_addr . inet_service",
      sorted(anyPorts),
    )
  }
${
    block(
      "map",
      "published_at",
      "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
      sorted(atPorts),
    )
  }
${views.map((view) => block("set", `reach_${view.name}`, "ipv4_addr", view.reach)).join("\n")}
${views.map(renderView).join("\n")}
${
    block(
      "map",
      "view",
      "ipv4_addr : verdict",
      views.flatMap((view) => view.sources.map((address) => `${address} : jump ${view.name}`)),
    )
  }
  chain entry {
    type filter hook prerouting priority -305; policy accept;
    iifname "${bridge}" jump spoofed
  }

  chain spoofed {
    meta nfproto != ipv4 drop
    ip daddr 127.0.0.0/8 drop
    ip saddr != @members drop
  }

  chain destination {
    type nat hook prerouting priority -105; policy accept;
    ip daddr 127.0.0.0/8 return
    fib daddr type local jump publish
  }

  chain destination_own {
    type nat hook output priority -105; policy accept;
    fib daddr type local jump publish
  }

  chain publish {
    meta nfproto ipv4 dnat ip to ip daddr . meta l4proto . th dport map @published_at
    meta nfproto ipv4 dnat ip to meta l4proto . th dport map @published
  }

  chain hairpins {
    type filter hook prerouting priority -95; policy accept;
    iifname "${bridge}" ct status dnat meta mark set meta mark or ${HAIRPIN_MARK}
  }

  chain forward {
    type filter hook forward priority -5; policy accept;
    iifname "${bridge}" goto from_container
    oifname "${bridge}" goto to_container
  }

  chain from_container {
    ct state related accept
    ct direction reply accept
    oifname "${bridge}" goto between
    ip saddr @external accept
    reject with icmp type admin-prohibited
  }

  chain between {
    ct status dnat ip saddr @external accept
    ip saddr vmap @view
    reject with icmp type admin-prohibited
  }

  chain to_container {
    ct state related accept
    ct direction reply accept
    ct status dnat accept
    drop
  }

  chain input {
    type filter hook input priority -5; policy accept;
    iifname "${bridge}" goto to_host
    iifname != "lo" ip daddr ${gateway} drop
  }

  chain output {
    type filter hook output priority -5; policy accept;
    oifname "${bridge}" icmp type destination-unreachable icmp code port-unreachable drop
  }

  chain to_host {
    ct state related accept
    ct direction reply accept
    ip daddr ${gateway} meta l4proto { tcp, udp } th dport 53 accept
    ip daddr ${gateway} icmp type echo-request accept
    ip daddr ${gateway} ip saddr . meta l4proto . th dport @node_ports accept
    meta nfproto ipv4 reject with icmp type admin-prohibited
    drop
  }

  chain source {
    type nat hook postrouting priority 95; policy accept;
    oifname "${bridge}" ip saddr 127.0.0.0/8 masquerade
    oifname "${bridge}" ip saddr . ip daddr @hairpin masquerade
${
    fleet.map((range) => `    ip saddr ${subnet} ip daddr ${range} snat ip to ip saddr\n`).join("")
  }    ip saddr ${subnet} oifname != "${bridge}" masquerade
  }
}
`;
}

function renderBridge(wanted: FirewallWanted, match: BridgeMatch): string {
  const bridge = wanted.bridge;
  const subnet = wanted.subnet;
  const members = sorted(wanted.members.map((member) => checkedAddress(member.address)));
  const rules = match === "name"
    ? {
      entry: [
        `meta ibrname "${bridge}" ether type != { ip, arp } drop`,
        `meta ibrname "${bridge}" arp saddr ip != @members drop`,
      ],
      forward: [
        `meta ibrname "${bridge}" meta mark and ${HAIRPIN_MARK} != 0 accept`,
        `meta ibrname "${bridge}" drop`,
        `meta obrname "${bridge}" drop`,
      ],
    }
    : {
      entry: [`arp saddr ip ${subnet} arp saddr ip != @members drop`],
      forward: [
        `ip daddr ${subnet} meta mark and ${HAIRPIN_MARK} != 0 accept`,
        `ip saddr ${subnet} drop`,
        `ip daddr ${subnet} drop`,
        `arp saddr ip ${subnet} drop`,
        `arp daddr ip ${subnet} drop`,
        "ether type != { ip, arp } drop",
      ],
    };
  const lines = (of: readonly string[]) => of.map((rule) => `    ${rule}\n`).join("");
  return `table bridge ${wanted.table} {
${block("set", "members", "ipv4_addr", members)}
  chain entry {
    type filter hook prerouting priority filter; policy accept;
${lines(rules.entry)}  }

  chain forward {
    type filter hook forward priority filter; policy accept;
${lines(rules.forward)}  }
}
`;
}

/** One view for each set of networks that some container is on; named by its place in the sorted list. */
function viewsOf(members: readonly MemberWanted[]): readonly View[] {
  const byKey = new Map<string, { networks: readonly string[]; sources: string[] }>();
  const byNetwork = new Map<string, string[]>();
  for (const member of members) {
    const address = checkedAddress(member.address);
    const networks = sorted(member.networks);
    const key = JSON.stringify(networks);
    const entry = byKey.get(key) ?? { networks, sources: [] };
    entry.sources.push(address);
    byKey.set(key, entry);
    for (const network of networks) {
      const on = byNetwork.get(network) ?? [];
      on.push(address);
      byNetwork.set(network, on);
    }
  }
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, { networks, sources }], index) => ({
      name: `view_${index}`,
      sources: sorted(sources),
      reach: sorted(networks.flatMap((network) => byNetwork.get(network) ?? [])),
    }));
}

function renderView(view: View): string {
  return `  chain ${view.name} {
    ip daddr @reach_${view.name} accept
  }
`;
}

function block(
  kind: "set" | "map",
  name: string,
  type: string,
  elements: readonly string[],
): string {
  const body = elements.length === 0
    ? ""
    : `    elements = {\n${elements.map((element) => `      ${element},\n`).join("")}    }\n`;
  return `  ${kind} ${name} {\n    type ${type}\n${body}  }\n`;
}

function targetOf(port: PublishedWanted): string {
  return `${port.address} . ${port.containerPort}`;
}

function checkedPublished(port: PublishedWanted): PublishedWanted {
  if (port.hostAddress !== null) checkedAddress(port.hostAddress);
  checkedAddress(port.address);
  checkedPort(port.hostPort);
  checkedPort(port.containerPort);
  if (port.protocol !== "tcp" && port.protocol !== "udp") throw unfit("protocol", port.protocol);
  return port;
}

function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw unfit("port", String(port));
  return port;
}

function checkedName(name: string, what: string): string {
  if (!/^[a-zA-Z][a-zA-Z0-9_-]{0,30}$/.test(name)) throw unfit(what, name);
  return name;
}

function checkedAddress(address: string): string {
  const parts = address.split(".");
  const good = parts.length === 4 &&
    parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
  if (!good) throw unfit("IPv4 address", address);
  return address;
}

function checkedRange(range: string): string {
  const [address, length, ...rest] = range.split("/");
  if (
    address === undefined || length === undefined || rest.length > 0 ||
    !/^(0|[1-9][0-9]?)$/.test(length) || Number(length) > 32
  ) throw unfit("IPv4 range", range);
  return `${checkedAddress(address)}/${length}`;
}

function unfit(what: string, value: string): SkerryError {
  return new SkerryError(
    "firewall_value",
    `cannot write firewall rules: ${JSON.stringify(value)} is not a ${what}`,
  );
}

/** Sorted, each once. */
function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
