/** Which published ports lead where, and which cannot be had. Pure. */
import type { DeploymentId } from "../../../shared/model/ids.ts";
import type { PublishedPort } from "../../../shared/model/service_spec.ts";
import type { Reason } from "../../../shared/model/verdict.ts";
import type { PublishedWanted } from "../../drivers/nftables/driver.ts";
import type { World } from "../../reconcile/world.ts";
import type { Listener } from "./listeners.ts";

/** Ports of the host that the ingress listens on. */
export interface IngressPorts {
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** A published port that leads nowhere for now. */
export interface Refused {
  readonly deployment: DeploymentId;
  readonly reason: Reason;
  readonly remedy: string;
}

/** One port of one slot; the deployment is the one of that slot that it leads to. */
interface Claim {
  readonly project: string;
  readonly service: string;
  /** Of one slot of one service there is an old and a new deployment at most times. */
  readonly slot: string;
  readonly deployment: DeploymentId;
  readonly address: string;
  readonly port: PublishedPort;
  /** 0 serves, 1 is wanted, 2 retires. */
  readonly rank: number;
  /** When the slot's port was first there; never started: infinity. */
  readonly since: number;
}

/**
 * A socket without a peer in the range that the kernel hands out to clients is taken for a client's,
 * else a look-up of names would now and then take a published port away.
 */
const CLIENT_PORTS_FROM = 32_768;

/** The published ports of the node in a fixed order; of two claims for one port the older has it. */
export function choosePublished(
  world: World,
  ingress: IngressPorts,
): { readonly published: readonly PublishedWanted[]; readonly refused: readonly Refused[] } {
  const granted: Claim[] = [];
  const refused: Refused[] = [];
  for (const claim of claimsOf(world)) {
    const obstacle = obstacleTo(claim, granted, world, ingress);
    if (obstacle === null) granted.push(claim);
    else refused.push({ deployment: claim.deployment, ...obstacle });
  }
  return { published: granted.map(wantedOf), refused };
}

function wantedOf(claim: Claim): PublishedWanted {
  return {
    hostAddress: hostAddressOf(claim.port),
    hostPort: claim.port.hostPort,
    protocol: claim.port.protocol,
    address: claim.address,
    containerPort: claim.port.containerPort,
  };
}

/** One claim for each port of each slot, oldest first. */
function claimsOf(world: World): readonly Claim[] {
  const deployments = new Map(
    world.desired.containers.flatMap((section) =>
      section.deployments.map((deployment) => [deployment.id, deployment] as const)
    ),
  );
  const best = new Map<string, Claim>();
  for (const section of world.desired.firewall) {
    for (const { deployment: id, address, port } of section.published) {
      const deployment = deployments.get(id);
      if (deployment === undefined || deployment.want === "absent") continue;
      // A job that has ended listens no more.
      if (world.memory.get(id)?.jobExit != null) continue;
      // A run stands beside its service's slot: it never takes its place.
      const slot = `${section.projectName}/${deployment.serviceName}/` +
        (deployment.unnamed === true ? id : deployment.slot);
      const claim: Claim = {
        project: section.projectName,
        service: deployment.serviceName,
        slot,
        deployment: id,
        address,
        port,
        rank: world.serving.has(id) ? 0 : deployment.want === "run" ? 1 : 2,
        since: world.memory.get(id)?.firstStartedAt ?? Number.POSITIVE_INFINITY,
      };
      const key = `${slot} ${hostAddressOf(port)} ${port.hostPort}/${port.protocol}`;
      const other = best.get(key);
      if (other === undefined) best.set(key, claim);
      else {
        const chosen = compareWithinSlot(claim, other) < 0 ? claim : other;
        best.set(key, { ...chosen, since: Math.min(claim.since, other.since) });
      }
    }
  }
  return [...best.entries()].sort(([keyA, a], [keyB, b]) =>
    a.since === b.since ? compareText(keyA, keyB) : a.since - b.since
  ).map(([, claim]) => claim);
}

function compareWithinSlot(a: Claim, b: Claim): number {
  return a.rank === b.rank ? compareText(a.deployment, b.deployment) : a.rank - b.rank;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function obstacleTo(
  claim: Claim,
  granted: readonly Claim[],
  world: World,
  ingress: IngressPorts,
): { readonly reason: Reason; readonly remedy: string } | null {
  const { port, project, service } = claim;
  const name = `${port.hostPort}/${port.protocol}`;
  const cannot = `cannot publish port ${name} for service "${service}" of project "${project}"`;
  const another = `"${
    port.hostPort === 65_535 ? 65_534 : port.hostPort + 1
  }:${port.containerPort}"`;
  const isIngress = port.hostPort === ingress.httpPort || port.hostPort === ingress.httpsPort;
  if (port.protocol === "tcp" && isIngress) {
    return {
      reason: {
        code: "port_is_ingress",
        message: `${cannot}: the ingress serves all projects on it`,
      },
      remedy: `in place of this entry of "ports" write a route in service "${service}":\n` +
        `x-skerry:\n  routes:\n    - host: ${service}.example.org\n      port: ${port.containerPort}`,
    };
  }
  const rival = granted.find((other) =>
    other.port.hostPort === port.hostPort && other.port.protocol === port.protocol &&
    overlaps(hostAddressOf(other.port), hostAddressOf(port))
  );
  if (rival !== undefined) {
    return {
      reason: {
        code: "port_conflict",
        message:
          `${cannot}: service "${rival.service}" of project "${rival.project}" has it already`,
      },
      remedy: `publish another port of the host in project "${project}", such as ${another}, ` +
        `or take it out of project "${rival.project}"`,
    };
  }
  const listener = isLive(claim, world) ? undefined : world.seen.firewall.listeners
    .find((other) => takes(other, port));
  if (listener !== undefined) {
    const who = listener.program === null
      ? "another program of this host"
      : `the program "${listener.program}" of this host`;
    return {
      reason: {
        code: "port_taken",
        message: `${cannot}: ${who} listens on ${listener.address}:${listener.port}`,
      },
      remedy: `stop ${
        listener.program === null ? "that program" : `"${listener.program}"`
      }, or publish another port of the host, such as ${another}`,
    };
  }
  return null;
}

function isLive(claim: Claim, world: World): boolean {
  return (world.seen.firewall.live ?? []).some((live) =>
    live.protocol === claim.port.protocol && live.hostPort === claim.port.hostPort &&
    live.hostAddress === hostAddressOf(claim.port)
  );
}

function takes(listener: Listener, port: PublishedPort): boolean {
  return listener.protocol === port.protocol && listener.port === port.hostPort &&
    !(listener.protocol === "udp" && listener.port >= CLIENT_PORTS_FROM) &&
    overlaps(listener.address === "0.0.0.0" ? null : listener.address, hostAddressOf(port));
}

/** `0.0.0.0` in a compose file means the same as none. */
function hostAddressOf(port: PublishedPort): string | null {
  return port.hostAddress === undefined || port.hostAddress === "0.0.0.0" ? null : port.hostAddress;
}

/** null: every address. */
function overlaps(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}
