/** A run as a deployment of this node's own, put into what is desired. Pure. */
import { SkerryError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/model/hash.ts";
import { DeploymentId, ServiceId } from "../../shared/model/ids.ts";
import type { RunStart } from "../../shared/model/link.ts";
import type { ContainersSection, Deployment } from "../../shared/model/sections.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import type { Desired } from "../reconcile/world.ts";

/** A run that is wanted, and whose project's it is. */
export interface LocalRun {
  readonly section: Pick<ContainersSection, "project" | "projectName">;
  readonly deployment: Deployment;
}

/** The section and the deployment that a run takes its spec from. */
export function baseOf(
  desired: Desired | null,
  id: DeploymentId,
): { readonly section: ContainersSection; readonly deployment: Deployment } {
  for (const section of desired?.containers ?? []) {
    const deployment = section.deployments.find((each) => each.id === id);
    if (deployment !== undefined) return { section, deployment };
  }
  throw new SkerryError(
    "deployment_unknown",
    `running a command: this node was not told of "${id}" yet`,
    "try again in a moment",
  );
}

/** The spec of a run: the service's own, but for what was asked, and reached from nowhere. */
export function runSpec(spec: ServiceSpec, start: RunStart): ServiceSpec {
  const { tty, stdin } = start;
  const replaced = new Set((start.env ?? []).map((each) => each.split("=")[0]));
  const { command: own, hooks, schedule, macAddress, ...rest } = spec;
  // With another entrypoint the service's own command has no meaning.
  const command = start.command ?? (start.entrypoint === undefined ? own : []);
  return {
    ...rest,
    ...(command === undefined ? {} : { command: [...command] }),
    ...(start.entrypoint === undefined ? {} : { entrypoint: [...start.entrypoint] }),
    ...(start.user === undefined ? {} : { user: start.user }),
    ...(start.workingDir === undefined ? {} : { workingDir: start.workingDir }),
    envSecrets: spec.envSecrets.filter(({ variable }) => !replaced.has(variable)),
    terminal: { tty, stdin },
    // Beside the service's own container nobody else may have its link address.
    ...(macAddress === undefined || schedule === undefined ? {} : { macAddress }),
    // As Compose does: what follows a start is done, while a person who ends it waits for nothing.
    ...(hooks === undefined
      ? {}
      : { hooks: start.detached === true ? hooks : { ...hooks, preStop: [] } }),
    ports: start.servicePorts === true ? spec.ports : [],
    routed: [],
    expose: [],
    networks: spec.networks.map(({ network }) => ({ network, aliases: [] })),
    restart: { kind: "no" },
    health: { kind: "none", probePort: null },
    dependsOn: start.noDeps ? [] : spec.dependsOn,
  };
}

/** The deployment of a run. `ids`: parts of ids that nobody else has. */
export function runDeployment(
  base: Deployment,
  start: RunStart,
  ids: { readonly deployment: DeploymentId; readonly service: ServiceId },
  address: string | null,
  sealedEnvironment: string | null,
): Deployment {
  return {
    ...base,
    id: ids.deployment,
    service: ids.service,
    specHash: sha256(ids.deployment),
    kind: "job",
    unnamed: true,
    want: "run",
    replaces: null,
    order: "beside",
    orderReason: null,
    addresses: address === null ? [] : [address],
    containerName: start.name ?? `${base.containerName}.run-${ids.deployment.slice(4, 12)}`,
    sealedEnvironment,
    spec: runSpec(base.spec, start),
  };
}

/**
 * A free address: the highest, because releases take the lowest first. null: there is none.
 * @param taken what else is held, such as by containers that are going
 */
export function freeAddress(desired: Desired, taken: ReadonlySet<string>): string | null {
  const held = new Set([...taken, desired.node.gateway]);
  for (const { deployments } of desired.containers) {
    for (const { addresses } of deployments) addresses.forEach((each) => held.add(each));
  }
  const [network = "", length = ""] = desired.node.containerSubnet.split("/");
  const size = 2 ** (32 - Number(length));
  const value = network.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = value - value % size;
  for (let at = first + size - 2; at > first + 1; at--) {
    const address = [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256).join(".");
    if (!held.has(address)) return address;
  }
  return null;
}

/** What is desired, with the runs in it: as deployments and as members of their networks. */
export function overlaid(desired: Desired, runs: readonly LocalRun[]): Desired {
  if (runs.length === 0) return desired;
  let { containers, firewall } = desired;
  for (const { section: { project, projectName }, deployment } of runs) {
    // A project may be gone before its runs are.
    if (!containers.some((each) => each.project === project)) {
      const section = { capability: "containers" as const, project, projectName, deployments: [] };
      containers = [...containers, section];
    }
    containers = containers.map((each) =>
      each.project === project ? { ...each, deployments: [...each.deployments, deployment] } : each
    );
    const networks = deployment.spec.networks.map(({ network }) => network);
    const members = deployment.addresses.map((address) => ({
      deployment: deployment.id,
      address,
      networks,
    }));
    const published = deployment.addresses.flatMap((address) =>
      deployment.spec.ports.map((port) => ({ deployment: deployment.id, address, port }))
    );
    firewall = firewall.map((each) =>
      each.project !== project ? each : {
        ...each,
        members: [...each.members, ...members],
        published: [...each.published, ...published],
      }
    );
  }
  return { ...desired, containers, firewall };
}
