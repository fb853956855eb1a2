/** Reading the host's resolv.conf, and the text of an upstream. */

/** A server that questions are forwarded to. */
export interface Upstream {
  /** IPv4 or IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

/** An IPv6 address in the one form of RFC 5952, in which answers name it too; null: it is none. */
function ipv6(text: string): string | null {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text)) return null;
  return URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1) ?? null;
}

/** `9.9.9.9`, `9.9.9.9:53`, `2620:fe::fe` or `[2620:fe::fe]:53`; null: none of these. */
export function parseUpstream(text: string): Upstream | null {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = /^([0-9.]+)(?::(\d{1,5}))?$/.exec(text);
  const [hostname, portText] = bracketed !== null
    ? [bracketed[1] ?? "", bracketed[2]]
    : plain !== null
    ? [plain[1] ?? "", plain[2]]
    : [text, undefined];
  const port = portText === undefined ? 53 : Number(portText);
  if (port < 1 || port > 65_535) return null;
  if (plain !== null) return IPV4.test(hostname) ? { hostname, port } : null;
  const address = ipv6(hostname);
  return address === null ? null : { hostname: address, port };
}

/**
 * The `nameserver` lines of a resolv.conf (resolv.conf(5)), in order and without repeats.
 * @param own addresses that our own server listens on: a server that asked itself would loop
 */
export function parseResolvConf(text: string, own: readonly string[]): string[] {
  const servers: string[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const address = words[1];
    if (words[0] !== "nameserver" || address === undefined) continue;
    // A scoped address (fe80::1%eth0) names an interface, which a datagram from any socket cannot;
    // and there are no ports in resolv.conf.
    if (address.includes("[") || /\..*:/.test(address) || parseUpstream(address) === null) continue;
    if (address === "0.0.0.0" || address === "::" || own.includes(address)) continue;
    if (!servers.includes(address)) servers.push(address);
  }
  return servers;
}

/** The upstreams that are not our own listeners, at most `limit`. */
export function usableUpstreams(
  upstreams: readonly string[],
  listen: readonly { readonly hostname: string; readonly port: number }[],
  limit: number,
): Upstream[] {
  const usable: Upstream[] = [];
  for (const text of upstreams) {
    const upstream = parseUpstream(text);
    if (upstream === null) continue;
    const ours = listen.some((own) =>
      own.hostname === upstream.hostname && own.port === upstream.port
    );
    if (!ours && usable.length < limit) usable.push(upstream);
  }
  return usable;
}
