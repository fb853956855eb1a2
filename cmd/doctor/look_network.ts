/** Looks at ports, firewalls and name servers of this host. */
import { foreignFirewalls } from "../../agent/facets/firewall/foreign.ts";
import { createResolved } from "../../agent/drivers/resolved/resolved.ts";
import { createRunCommand } from "../../shared/command.ts";
import type { UpOptions } from "../flags.ts";
import type { DnsFacts, FirewallFacts, PortFacts } from "./network.ts";
import {
  asksResolve,
  type HostNames,
  type HostResolver,
  probeName,
  readResolvConf,
  type ResolvConf,
} from "./host_names.ts";
import { type Probe, textOf, there } from "./probe.ts";
import { portOwner } from "./sockets.ts";

const ANSWER_WITHIN_MS = 2_000;

/** Who has the ports of this home. @param traefikPid of its own ingress */
export async function lookAtPorts(
  options: UpOptions,
  traefikPid: number | null,
  runs: boolean,
): Promise<PortFacts[]> {
  const wanted = [
    { port: options.httpPort, flag: "--http-port", protocol: "tcp" },
    { port: options.httpsPort, flag: "--https-port", protocol: "tcp" },
    { port: options.dnsPort, flag: "--dns-port", protocol: "udp" },
    { port: options.listen.port, flag: "--listen", protocol: "tcp" },
  ] as const;
  const ours = (pid: number, commandLine: string) =>
    pid === traefikPid || runs && /\b(up|control|agent)\b/.test(commandLine) &&
      /skerry|cmd\/main\.ts/.test(commandLine);
  const facts: PortFacts[] = [];
  for (const { port, flag, protocol } of wanted) {
    facts.push({ port, flag, owner: await portOwner(port, protocol, ours) });
  }
  return facts;
}

/** Firewalls of others; null: they could not be asked. */
export async function lookAtFirewalls(
  options: UpOptions,
  probe: Probe,
): Promise<readonly FirewallFacts[] | null> {
  const { bridge, nftTable } = options.layout;
  const run = createRunCommand();
  try {
    const found = [...await foreignFirewalls({ run }, { bridge, nftTable })];
    const legacy = await probe(["iptables-legacy", "-S", "FORWARD"]);
    if (legacy.ok && /^-P FORWARD DROP$/m.test(legacy.text)) {
      found.push({
        program: "unknown",
        effect: "iptables-legacy forwards nothing by default: published ports of containers " +
          "are not reached from the network",
        remedy: `iptables-legacy -I FORWARD -o ${bridge} -j ACCEPT && ` +
          `iptables-legacy -I FORWARD -i ${bridge} -j ACCEPT`,
      });
    }
    return found;
  } catch {
    return null;
  }
}

/** Any answer counts, also that there is no such name. */
async function answers(
  name: string,
  type: "A" | "NS",
  ipAddr: string,
  port = 53,
): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    await Deno.resolveDns(name, type, { nameServer: { ipAddr, port }, signal });
    return true;
  } catch (thrown) {
    return thrown instanceof Deno.errors.NotFound;
  }
}

/** The box's own server, and those of the host. */
export async function lookAtDns(options: UpOptions, runs: boolean): Promise<DnsFacts> {
  const { zone, dnsPort } = options;
  const { nameservers } = readResolvConf(await textOf("/etc/resolv.conf"));
  return {
    zone,
    dnsPort,
    own: runs ? await answers(`${probeName(zone)}.`, "A", "127.0.0.1", dnsPort) : null,
    upstreams: await Promise.all(
      // glibc asks the first three.
      nameservers.slice(0, 3).map(async (address) => ({
        address,
        answers: await answers(".", "NS", address),
      })),
    ),
  };
}

/** By what is running: resolved's name on the bus, and pid files of the others. */
async function hostResolver(options: UpOptions, conf: ResolvConf): Promise<HostResolver> {
  const resolved = createResolved({ run: createRunCommand(), exists: there });
  const { layout, zone, dnsPort } = options;
  const seen = await resolved.observe({ link: layout.resolvedLink, zone, port: dnsPort })
    // What cannot be asked leads nobody.
    .catch(() => ({ running: false }));
  if (seen.running) return "systemd-resolved";
  if (await there("/run/NetworkManager/dnsmasq.pid")) return "NetworkManager's dnsmasq";
  if (await there("/run/dnsmasq/dnsmasq.pid")) return "dnsmasq";
  if (await there("/run/unbound.pid") || await there("/run/unbound.ctl")) return "unbound";
  if (conf.byNetworkManager) return "NetworkManager";
  return "other";
}

/** How the host's own programs find internal names. */
export async function lookAtHostNames(options: UpOptions, probe: Probe): Promise<HostNames> {
  const resolvConf = readResolvConf(await textOf("/etc/resolv.conf"));
  return {
    zone: options.zone,
    dnsPort: options.dnsPort,
    bridge: options.layout.bridge,
    resolver: await hostResolver(options, resolvConf),
    resolvConf,
    nssResolve: asksResolve(await textOf("/etc/nsswitch.conf")),
    resolves: (await probe(["getent", "ahostsv4", probeName(options.zone)])).ok,
  };
}
