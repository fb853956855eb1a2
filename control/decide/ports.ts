/** Ports of the host: which are wanted, by whom they are taken, which is free. */
import type { ComposeService } from "../../shared/compose/model.ts";
import type { PublishedPort, ServiceSpec } from "../../shared/model/service_spec.ts";
import type { Fault } from "./fault.ts";
import type { Situation } from "./situation.ts";

/** Where ports come from that the file leaves open. */
const FIRST_FREE = 20_000;
const LAST_FREE = 29_999;

interface Taken {
  readonly port: PublishedPort;
  readonly owner: string;
}

export interface PortBook {
  /** The ports of one service; faults where one is taken. `before`: its running spec, whose chosen ports stay. */
  take(
    name: string,
    service: ComposeService,
    slots: number,
    before: ServiceSpec | null,
  ): PublishedPort[];
}

/** Of two at the same port of the host. */
function overlap(a: PublishedPort, b: PublishedPort): boolean {
  return a.hostAddress === undefined || b.hostAddress === undefined ||
    a.hostAddress === b.hostAddress;
}

/** Who holds which port of the host. */
function createTaken() {
  const byPort = new Map<string, Taken[]>();
  const keyOf = ({ protocol, hostPort }: PublishedPort) => `${protocol} ${hostPort}`;
  return {
    add(port: PublishedPort, owner: string): void {
      const there = byPort.get(keyOf(port));
      if (there === undefined) byPort.set(keyOf(port), [{ port, owner }]);
      else there.push({ port, owner });
    },
    holder: (port: PublishedPort): Taken | undefined =>
      byPort.get(keyOf(port))?.find((each) => overlap(each.port, port)),
  };
}

/** The ports that other projects hold, which grow by those that are taken. */
export function createPortBook(situation: Situation, faults: Fault[]): PortBook {
  const taken = createTaken();
  for (const deployment of situation.live) {
    if (deployment.projectId === situation.project?.id || deployment.want === "absent") continue;
    const project = situation.projects.find((each) => each.id === deployment.projectId);
    const service = situation.services.find((each) => each.id === deployment.serviceId);
    for (const port of situation.revisions.get(deployment.revisionId)?.spec.ports ?? []) {
      taken.add(port, `service "${service?.name}" of project "${project?.name}"`);
    }
  }
  const { httpPort, httpsPort } = situation.settings;

  return {
    take(name, service, slots, before) {
      const ports: PublishedPort[] = [];
      // Without networks of its own nothing is led to it.
      const published = service.network_mode === undefined ? service.ports ?? [] : [];
      for (const wanted of published) {
        const base = {
          ...(wanted.host_ip === undefined || wanted.host_ip === "0.0.0.0"
            ? {}
            : { hostAddress: wanted.host_ip }),
          containerPort: wanted.target,
          protocol: wanted.protocol,
        };
        const isFree = (port: PublishedPort) => taken.holder(port) === undefined;
        let port: PublishedPort | undefined;
        if (wanted.published !== undefined) {
          port = { ...base, hostPort: Number(wanted.published) };
        } else {
          port = before?.ports.find((each) =>
            each.containerPort === base.containerPort && each.protocol === base.protocol &&
            each.hostPort >= FIRST_FREE && each.hostPort <= LAST_FREE && isFree(each)
          );
          for (let at = FIRST_FREE; port === undefined && at <= LAST_FREE; at++) {
            const candidate = { ...base, hostPort: at };
            if (isFree(candidate)) port = candidate;
          }
        }
        if (port === undefined) {
          faults.push({
            code: "no_free_port",
            detail: `no port from ${FIRST_FREE} to ${LAST_FREE} is free for service "${name}"`,
            remedy: "Write the host port, or route it through the ingress by x-skerry.routes.",
          });
          continue;
        }
        const { hostPort, protocol } = port;
        if (hostPort < 1 || hostPort > 65_535) {
          faults.push({
            code: "port_invalid",
            detail: `"${hostPort}" is no port of a host (service "${name}")`,
            remedy: "Write a number from 1 to 65535.",
          });
          continue;
        }
        if (protocol === "tcp" && (hostPort === httpPort || hostPort === httpsPort)) {
          faults.push({
            code: "port_of_ingress",
            detail:
              `service "${name}" publishes port ${hostPort}, where the ingress listens for all projects`,
            remedy:
              `Instead of ports: ["${hostPort}:${port.containerPort}"] write on the service: ` +
              `x-skerry: { routes: [{ path: "/", port: ${port.containerPort} }] }` +
              " (add host: NAME where several share the box), or publish another port.",
          });
          continue;
        }
        if (slots > 1) {
          faults.push({
            code: "port_of_replicas",
            detail: `service "${name}" has ${slots} replicas and one host port ${hostPort}`,
            remedy: "Route it through the ingress (x-skerry.routes), which spreads requests.",
          });
          continue;
        }
        const holder = taken.holder(port);
        if (holder !== undefined) {
          faults.push({
            code: "port_taken",
            detail: `port ${hostPort}/${protocol} of the host is wanted by service "${name}" of ` +
              `project "${situation.projectName}" and held by ${holder.owner}`,
            remedy: "Publish another port in one of the two.",
          });
          continue;
        }
        taken.add(port, `service "${name}" of project "${situation.projectName}"`);
        ports.push(port);
      }
      return ports.sort((a, b) => a.hostPort - b.hostPort || (a.protocol < b.protocol ? -1 : 1));
    },
  };
}
