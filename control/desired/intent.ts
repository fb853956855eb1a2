/** What the sections of a node are compiled from. Plain data; whoever gathers it has sealed what is secret. */
import type { NodeSection, RegistriesSection } from "../../shared/model/sections.ts";
import type { RevisionId, SecretVersionId } from "../../shared/model/ids.ts";
import type { DeploymentRow } from "../store/deployments.ts";
import type { ProjectRow } from "../store/projects.ts";
import type { NetworkRow, PinRow, RevisionRow, ServiceRow } from "../store/services.ts";
import type { VolumeRow } from "../store/volumes.ts";

export interface DeployedIntent {
  readonly row: DeploymentRow;
  readonly service: ServiceRow;
  readonly revision: RevisionRow;
  readonly pin: PinRow;
  readonly addresses: readonly string[];
}

export interface ProjectIntent {
  readonly project: ProjectRow;
  /** On this node and not gone. */
  readonly deployments: readonly DeployedIntent[];
  readonly volumes: readonly VolumeRow[];
  readonly networks: readonly NetworkRow[];
  /** Of its current, previous and last-good releases. */
  readonly keptPins: readonly PinRow[];
}

export interface NodeIntent {
  readonly node: Omit<NodeSection, "capability">;
  readonly projects: readonly ProjectIntent[];
  /** Sorted by host, their logins sealed to this node. */
  readonly registries: RegistriesSection["registries"];
  /** Ciphertext for this node, base64. */
  readonly sealedEnvironments: ReadonlyMap<RevisionId, string>;
  readonly sealedSecrets: ReadonlyMap<SecretVersionId, string>;
}

/** Compares by a text, for sorting. */
export function by<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const one = text(a);
    const other = text(b);
    return one < other ? -1 : one > other ? 1 : 0;
  };
}

/** Of each service the deployment that says what holds now: the one to run, else one that retires. Sorted by service. */
export function leading(project: ProjectIntent): DeployedIntent[] {
  const found = new Map<string, DeployedIntent>();
  for (const each of project.deployments) {
    if (each.row.want === "absent") continue;
    const known = found.get(each.service.id);
    const better = known === undefined ||
      known.row.want === "retire" && each.row.want === "run" ||
      known.row.want === each.row.want && each.row.slot < known.row.slot;
    if (better) found.set(each.service.id, each);
  }
  return [...found.values()].sort(by((each) => each.service.id));
}
