/** Ports, other firewalls and names: what else is on the network of this host. Pure. */
import { bad, type Finding, ok, warning } from "./finding.ts";

export interface PortFacts {
  readonly port: number;
  /** Where to choose another. */
  readonly flag: string;
  /** Who listens there; null: nobody. */
  readonly owner: PortOwner | null;
}

export interface PortOwner {
  /** Null: it was not found. */
  readonly pid: number | null;
  /** Such as `nginx`. */
  readonly name: string;
  /** Part of this home's Skerry: it is meant to be there. */
  readonly ours: boolean;
}

/** Ports that somebody else has. */
export function portFindings(ports: readonly PortFacts[]): Finding[] {
  const held = ports.flatMap(({ port, flag, owner }): Finding[] => {
    if (owner === null || owner.ours) return [];
    const who = owner.pid === null ? owner.name : `${owner.name} (pid ${owner.pid})`;
    const stop = owner.pid === null
      ? `find it with \`ss -lntup 'sport = :${port}'\``
      : `end it (systemctl stop ${owner.name}, or kill ${owner.pid})`;
    return [bad(`port ${port}`, `${who} listens there`, `${stop}, or choose another: ${flag}`)];
  });
  const all = ports.map(({ port }) => port).join(", ");
  return held.length > 0 ? held : [ok("ports", `${all}: nobody else has them`)];
}

export interface FirewallFacts {
  readonly program: string;
  readonly effect: string;
  readonly remedy: string;
}

/** Whether a rule deep inside lets ours pass is not known: so never `bad`. */
export function firewallFindings(found: readonly FirewallFacts[] | null): Finding[] {
  const what = "other firewalls";
  if (found === null) return [];
  if (found.length === 0) return [ok(what, "none that drops by default")];
  return found.map(({ program, effect, remedy }) =>
    warning(
      program === "unknown" ? what : program,
      `${effect}, unless it lets that pass already`,
      remedy,
    )
  );
}

export interface DnsFacts {
  readonly zone: string;
  readonly dnsPort: number;
  /** The box's own server answered for its zone; null: not asked. */
  readonly own: boolean | null;
  readonly upstreams: readonly { readonly address: string; readonly answers: boolean }[];
}

/** Does the box answer for its names, and do the servers behind it? */
export function dnsFindings({ zone, dnsPort, own, upstreams }: DnsFacts): Finding[] {
  const silent = upstreams.filter(({ answers }) => !answers).map(({ address }) => address);
  const listed = upstreams.map(({ address }) => address).join(", ");
  const outside = upstreams.length === 0
    ? warning(
      "dns outside",
      "/etc/resolv.conf names no server: containers find internal names alone",
      "echo 'nameserver ADDRESS' >> /etc/resolv.conf",
    )
    : silent.length === 0
    ? ok("dns outside", `${listed} answers`)
    : warning(
      "dns outside",
      `${silent.join(", ")} of /etc/resolv.conf does not answer: names outside are ` +
        (silent.length === upstreams.length ? "not found" : "found slowly"),
      `dig @${silent[0]} . NS; then mend the network, or the line in /etc/resolv.conf`,
    );
  if (own === null) return [outside];
  return [
    own ? ok("dns", `answers for *.${zone} on port ${dnsPort}`) : bad(
      "dns",
      `nobody answers for *.${zone} on 127.0.0.1:${dnsPort}`,
      `see the log of \`skerry up\`, and who has the port: ss -lnup 'sport = :${dnsPort}'`,
    ),
    outside,
  ];
}
