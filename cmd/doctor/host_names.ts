/** How the host itself gets to resolve internal names. Pure. */
import type { Finding } from "./check.ts";

/** What answers the host's own questions for names. */
export type HostResolver = "systemd-resolved" | "dnsmasq" | "unbound" | "other";

export interface HostNames {
  readonly zone: string;
  readonly dnsPort: number;
  readonly resolver: HostResolver;
  /** A name of the zone leads somewhere on this host. */
  readonly resolves: boolean;
}

/** A name that each Skerry answers for, whatever runs on it. */
export function probeName(zone: string): string {
  return `ns.dns.${zone}`;
}

/** Good to know, never missing: containers find each other without it. */
export function hostNamesFinding({ zone, dnsPort, resolver, resolves }: HostNames): Finding {
  const what = "names on the host";
  if (resolves) return { what, state: "ok", found: `*.${zone} is resolved`, remedy: null };
  return {
    what,
    state: "note",
    found: `*.${zone} is not resolved by this host's own programs (${resolver})`,
    remedy: `${remedyOf(zone, dnsPort, resolver)}. Without that: ` +
      `dig @127.0.0.1 -p ${dnsPort} SERVICE.PROJECT.${zone}`,
  };
}

function remedyOf(zone: string, port: number, resolver: HostResolver): string {
  switch (resolver) {
    case "systemd-resolved":
      return "mkdir -p /etc/systemd/resolved.conf.d && " +
        `printf '[Resolve]\\nDNS=127.0.0.1:${port}\\nDomains=~${zone}\\n' ` +
        "> /etc/systemd/resolved.conf.d/skerry.conf && systemctl restart systemd-resolved " +
        "(systemd 246 or newer; undone by removing the file and restarting it again)";
    case "dnsmasq":
      return `printf 'server=/${zone}/127.0.0.1#${port}\\nrebind-domain-ok=/${zone}/\\n' ` +
        "> /etc/dnsmasq.d/skerry.conf && systemctl restart dnsmasq " +
        "(undone by removing the file and restarting it again)";
    case "unbound":
      return `printf 'server:\\n  do-not-query-localhost: no\\n  domain-insecure: "${zone}"\\n` +
        `forward-zone:\\n  name: "${zone}."\\n  forward-addr: 127.0.0.1@${port}\\n' ` +
        "> /etc/unbound/unbound.conf.d/skerry.conf && systemctl restart unbound " +
        "(undone by removing the file and restarting it again)";
    case "other":
      return "apt-get install -y dnsmasq, put `nameserver 127.0.0.1` first in /etc/resolv.conf, " +
        `and write the line server=/${zone}/127.0.0.1#${port} to /etc/dnsmasq.d/skerry.conf`;
  }
}
