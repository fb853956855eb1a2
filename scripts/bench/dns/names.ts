/** The names of a benchmark: one configuration for our server and the same for dnsmasq. */
import type { DnsConfig, DnsHost } from "../../../agent/loops/dns/config.ts";

const SERVICES_A_PROJECT = 10;

/** Services spread over projects of ten, one container each, all with the alias and names of Compose. */
export function benchConfig(services: number, port: number, generation = 0): DnsConfig {
  const hosts: DnsHost[] = [];
  for (let i = 0; i < services; i++) {
    const project = `project${Math.floor(i / SERVICES_A_PROJECT)}`;
    const service = `service${i}`;
    const number = (i + generation) % services + 2;
    hosts.push({
      address: `10.200.${7 + (number >> 8)}.${number & 255}`,
      project,
      service,
      slot: 1,
      containerName: `${project}-${service}-1`,
      networks: [{ network: `${project}/default`, aliases: [] }],
      serving: true,
      external: true,
    });
  }
  return {
    zone: "internal",
    ttlSeconds: 5,
    listen: [{ hostname: "127.0.0.1", port }],
    subnet: "10.200.6.0/23",
    upstreams: [],
    hosts,
  };
}

/** `service.project.zone` and its address. */
export function benchNames(config: DnsConfig): { name: string; address: string }[] {
  return config.hosts.map(({ service, project, address }) => ({
    name: `${service}.${project}.${config.zone}`,
    address,
  }));
}

/** A UDP port of 127.0.0.1 that was free just now. */
export function freePort(): number {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { addr } = socket;
  socket.close();
  if (addr.transport !== "udp") throw new Error("not a UDP socket");
  return addr.port;
}
