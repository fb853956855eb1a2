/** The kernel settings that the bridge needs, each with its reason. Pure. */
import type { BridgeWanted } from "./driver.ts";

/** One file below /proc/sys. */
export interface Setting {
  readonly path: string;
  readonly value: string;
}

/** Reads and writes files below /proc/sys; `null`: there is no such file. */
export interface KernelSettings {
  read(path: string): Promise<string | null>;
  write(path: string, value: string): Promise<void>;
}

/** In the order in which they are written. `ip_forward` comes first: it resets others. */
export function settingsFor(wanted: BridgeWanted): readonly Setting[] {
  const conf = `net/ipv4/conf/${wanted.name}`;
  const own = (name: string, value: string): Setting => ({ path: `${conf}/${name}`, value });
  return [
    { path: "net/ipv4/ip_forward", value: "1" },
    own("forwarding", "1"),
    // Containers are told the bridge's own MAC for each other, so their packets are routed.
    own("proxy_arp_pvlan", "1"),
    // Otherwise the kernel waits up to 0.8 s before it answers for another.
    { path: `net/ipv4/neigh/${wanted.name}/proxy_delay`, value: "0" },
    // Who asks for a container before it has its address learns of it within 40 ms instead of 1 s
    // (whole ticks of every kernel, so that it reads as written), and gives up after 3 s as before.
    { path: `net/ipv4/neigh/${wanted.name}/retrans_time_ms`, value: "40" },
    { path: `net/ipv4/neigh/${wanted.name}/mcast_solicit`, value: "75" },
    // The kernel would tell containers the direct way; the setting for all is or-ed with the bridge's.
    { path: "net/ipv4/conf/all/send_redirects", value: "0" },
    own("send_redirects", "0"),
    // A source that does not live on the bridge is no container.
    own("rp_filter", "1"),
    own("route_localnet", wanted.loopbackPorts ? "1" : "0"),
    own("accept_redirects", "0"),
  ];
}

/** The dotted name as `sysctl` prints it; an interface's name stays whole. */
export function dottedName(path: string): string {
  return path.replaceAll("/", ".");
}
