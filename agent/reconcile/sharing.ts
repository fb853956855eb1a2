/**
 * Containers that live in another's network, process or IPC namespace. Which container that is
 * stands in their labels; one whose host went, or was started anew, is made again in the host that
 * is there then. Pure.
 */
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { ContainersSection, Deployment } from "../../shared/model/sections.ts";
import type { ServiceName, SharedKind } from "../../shared/model/service_spec.ts";
import type { ContainerSeen } from "../drivers/podman/driver.ts";
import type { ContainersSeen } from "../facets/containers/seen.ts";
import { intentOf, isReady, isStarted, replacements, type Standing } from "./intent.ts";
import type { Desired } from "./world.ts";

/** The container whose namespace a container was made to live in, by id. */
export const SHARE_LABELS: Readonly<Record<SharedKind, string>> = {
  network: "skerry.shares.network",
  ipc: "skerry.shares.ipc",
  pid: "skerry.shares.pid",
};

const WORDS: Readonly<Record<SharedKind, string>> = {
  network: "network",
  ipc: "IPC namespace",
  pid: "process namespace",
};

export interface Share {
  readonly kind: SharedKind;
  readonly service: ServiceName;
}

/** What of a deployment is another service's, in a fixed order. */
export function sharesOf(deployment: Pick<Deployment, "spec">): readonly Share[] {
  const { network, ipc, pid } = deployment.spec.shares ?? {};
  const shares: Share[] = [];
  if (network !== undefined) shares.push({ kind: "network", service: network });
  if (ipc !== undefined) shares.push({ kind: "ipc", service: ipc });
  if (pid !== undefined) shares.push({ kind: "pid", service: pid });
  return shares;
}

/** `waits for "vpn", whose network it shares` without its first words. */
function whose({ kind, service }: Share): string {
  return `"${service}", whose ${WORDS[kind]} it shares`;
}

interface Owner {
  readonly deployment: Deployment;
  readonly container: ContainerSeen;
}

function ownerOf(
  containers: ContainersSeen,
  section: ContainersSection,
  containerId: string | undefined,
): Owner | null {
  for (const deployment of section.deployments) {
    const container = containers.byDeployment.get(deployment.id);
    if (container !== undefined && container.id === containerId) return { deployment, container };
  }
  return null;
}

function staysOn(world: Standing, deployment: Deployment): boolean {
  const { kind } = intentOf(world, deployment, replacements(world).get(deployment.id));
  return kind === "run" || kind === "yield";
}

export type Host =
  | { readonly kind: "host"; readonly container: ContainerSeen }
  | { readonly kind: "waiting"; readonly message: string };

/**
 * Where a new container of a sharer is to live: with whom the service's names lead to; while a
 * replacement of that one is on its way nobody moves in with the old one.
 */
export function hostFor(world: Standing, section: ContainersSection, share: Share): Host {
  const candidates = section.deployments.filter((each) =>
    each.serviceName === share.service && each.want !== "absent" && each.unnamed !== true &&
    staysOn(world, each)
  );
  const best = candidates.find((each) => isReady(world, each.id)) ??
    candidates.find((each) => each.want === "run" && isStarted(world, each.id)) ??
    candidates.find((each) => isStarted(world, each.id));
  const container = best && world.seen.containers.byDeployment.get(best.id);
  if (best === undefined || container === undefined) {
    return { kind: "waiting", message: `waits for ${whose(share)}` };
  }
  const coming = candidates.some((each) => each.want === "run" && each.id !== best.id);
  return best.want === "retire" && coming
    ? { kind: "waiting", message: `waits for the new ${whose(share)}` }
    : { kind: "host", container };
}

/** What keeps a container of a sharer from being made or started now, in words; null: nothing. */
export function sharingObstacle(
  world: Standing,
  section: ContainersSection,
  deployment: Deployment,
  seen: ContainerSeen | undefined,
): string | null {
  for (const share of sharesOf(deployment)) {
    if (seen === undefined) {
      const host = hostFor(world, section, share);
      if (host.kind === "waiting") return host.message;
      continue;
    }
    const owner = ownerOf(world.seen.containers, section, seen.labels[SHARE_LABELS[share.kind]]);
    if (owner === null || !isStarted(world, owner.deployment.id)) {
      return `waits for ${whose(share)}`;
    }
  }
  return null;
}

/**
 * Why a container can no longer live where it was made to, in words; null: it can. A job that runs
 * is left to its end.
 */
export function uprooted(
  world: Standing,
  section: ContainersSection,
  deployment: Deployment,
  seen: ContainerSeen,
): string | null {
  const alive = seen.state === "running" || seen.state === "paused" || seen.state === "stopping";
  if (alive && deployment.kind === "job") return null;
  for (const share of sharesOf(deployment)) {
    const owner = ownerOf(world.seen.containers, section, seen.labels[SHARE_LABELS[share.kind]]);
    if (owner === null) return `the container of ${whose(share)}, is gone`;
    if (!staysOn(world, owner.deployment)) return `${whose(share)}, was replaced`;
    if (seen.state !== "running") continue;
    switch (owner.container.state) {
      case "exited":
      case "created":
      case "dead":
        return `${whose(share)}, does not run`;
      case "running":
        if (world.seen.containers.apart?.has(deployment.id) !== true) break;
        return `${whose(share)}, was started anew`;
      case "paused":
      case "stopping":
      case "unknown":
        break;
    }
  }
  return null;
}

/** The containers that live in a namespace of this one: Podman removes it only after them. */
export function sharersOf(
  containers: ContainersSeen,
  containerId: string,
): readonly { readonly deployment: DeploymentId; readonly container: ContainerSeen }[] {
  return [...containers.byDeployment].flatMap(([deployment, container]) =>
    Object.values(SHARE_LABELS).some((label) => container.labels[label] === containerId)
      ? [{ deployment, container }]
      : []
  );
}

/**
 * What is desired, where each that shares a network and runs has the addresses of the one that it
 * lives with. The same object where nobody shares.
 */
export function withSharedAddresses(desired: Desired, containers: ContainersSeen): Desired {
  const shares = (deployment: Deployment) => deployment.spec.shares?.network !== undefined;
  if (!desired.containers.some(({ deployments }) => deployments.some(shares))) return desired;
  return {
    ...desired,
    containers: desired.containers.map((section) => ({
      ...section,
      deployments: section.deployments.map((deployment) => {
        const seen = containers.byDeployment.get(deployment.id);
        if (!shares(deployment) || seen?.state !== "running") return deployment;
        const owner = ownerOf(containers, section, seen.labels[SHARE_LABELS.network]);
        return owner === null
          ? deployment
          : { ...deployment, addresses: owner.deployment.addresses };
      }),
    })),
  };
}
