/** Makes a run out of what is desired: its deployment, its address, its variables, or why it cannot be. */
import { z } from "zod";
import { SkerryError } from "../../shared/errors.ts";
import { DeploymentId, ID_BYTES, makeId, ServiceId } from "../../shared/model/ids.ts";
import type { RunStart } from "../../shared/model/link.ts";
import type { PublishedPort } from "../../shared/model/service_spec.ts";
import type { Desired, World } from "../reconcile/world.ts";
import { baseOf, freeAddress, type LocalRun, runDeployment } from "./overlay.ts";

export interface MakeRunDeps {
  seal(message: Uint8Array): string;
  unseal(sealed: string): Uint8Array;
  random(length: number): Uint8Array;
}

/** What containers of this node hold, wanted or not. */
export interface Taken {
  readonly addresses: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  /** Those whose container runs. */
  readonly running: ReadonlySet<DeploymentId>;
}

export const NOTHING_TAKEN: Taken = {
  addresses: new Set(),
  names: new Set(),
  running: new Set(),
};

/** Pure. */
export function takenIn(seen: Pick<World["seen"], "containers">): Taken {
  const { byDeployment, strays } = seen.containers;
  const all = [...byDeployment.values(), ...strays];
  return {
    addresses: new Set(all.flatMap(({ address }) => address === null ? [] : [address])),
    names: new Set(all.map(({ name }) => name)),
    running: new Set(
      [...byDeployment].flatMap(([id, { state }]) => state === "running" ? [id] : []),
    ),
  };
}

const Environment = z.record(z.string(), z.string());

/** The variables of the service with those of the run above them. */
function environment(
  deps: MakeRunDeps,
  sealed: string | null,
  env: readonly string[],
): string | null {
  if (env.length === 0) return sealed;
  const values = sealed === null
    ? {}
    : Environment.parse(JSON.parse(new TextDecoder().decode(deps.unseal(sealed))));
  for (const each of env) {
    const at = each.indexOf("=");
    if (at < 1) {
      throw new SkerryError(
        "bad_request",
        `running a command: "${each.slice(0, 100)}" is no variable`,
        "write NAME=VALUE",
      );
    }
    values[each.slice(0, at)] = each.slice(at + 1);
  }
  return deps.seal(new TextEncoder().encode(JSON.stringify(values)));
}

/**
 * @param desired with every run that is there already
 * @param start whose service's spec is run, and what of it is another
 */
export function makeRun(
  deps: MakeRunDeps,
  desired: Desired | null,
  start: RunStart,
  taken: Taken,
): LocalRun {
  const { section, deployment: base } = baseOf(desired, start.deployment);
  if (start.name !== undefined) checkName(start.name, desired, taken);
  if (start.servicePorts === true) checkPorts(base.spec.ports, desired, taken);
  let address: string | null = null;
  if (desired !== null && base.addresses.length > 0) {
    address = freeAddress(desired, taken.addresses);
    if (address === null) {
      throw new SkerryError(
        "addresses_exhausted",
        `running a command: no address of ${desired.node.containerSubnet} is free`,
        "end other runs, or remove services",
      );
    }
  }
  const ids = {
    deployment: DeploymentId.parse(makeId("dep", deps.random(ID_BYTES))),
    service: ServiceId.parse(makeId("svc", deps.random(ID_BYTES))),
  };
  const sealed = environment(deps, base.sealedEnvironment, start.env ?? []);
  const { project, projectName } = section;
  return {
    section: { project, projectName },
    deployment: runDeployment(base, start, ids, address, sealed),
  };
}

function checkName(name: string, desired: Desired | null, taken: Taken): void {
  const wanted = (desired?.containers ?? []).some(({ deployments }) =>
    deployments.some(({ containerName }) => containerName === name)
  );
  if (!wanted && !taken.names.has(name)) return;
  throw new SkerryError(
    "name_taken",
    `running a command: a container "${name}" is there already`,
    "choose another name, or end that one first",
  );
}

/** A port of the host leads to one container: who has it keeps it. */
function checkPorts(
  ports: readonly PublishedPort[],
  desired: Desired | null,
  taken: Taken,
): void {
  for (const { projectName, published } of desired?.firewall ?? []) {
    for (const { deployment, port } of published) {
      const same = ports.some((each) =>
        each.hostPort === port.hostPort && each.protocol === port.protocol
      );
      if (!same || !taken.running.has(deployment)) continue;
      throw new SkerryError(
        "port_conflict",
        `running a command: port ${port.hostPort}/${port.protocol} of the host leads to a ` +
          `container of project "${projectName}" that runs`,
        "leave --service-ports out, or take that service away meanwhile",
      );
    }
  }
}
