/** All that deciding may look at: what is stored, what was reported, what is asked for. Plain data. */
import type { ComposePart } from "../../shared/api/release.ts";
import type {
  DeploymentId,
  IdKind,
  NodeId,
  PinId,
  ProjectId,
  RevisionId,
} from "../../shared/model/ids.ts";
import type { DeploymentReport } from "../../shared/model/report.ts";
import type { ResolvedImage } from "../../shared/model/link.ts";
import type { ProjectName } from "../../shared/model/service_spec.ts";
import type { AddressRow, DeploymentRow } from "../store/deployments.ts";
import type { ProjectRow, ReleaseRow } from "../store/projects.ts";
import type { NetworkRow, PinRow, RevisionRow, ServiceRow } from "../store/services.ts";
import type { SecretRow } from "../store/secrets.ts";
import type { VolumeRow } from "../store/volumes.ts";
import type { SpecReaders } from "./spec_reader.ts";

/** What a reference was resolved to, or why it was not. */
export type Resolution =
  | { readonly kind: "resolved"; readonly image: ResolvedImage }
  | { readonly kind: "not_found"; readonly message: string; readonly remedy?: string | null }
  | { readonly kind: "unreachable"; readonly message: string };

export interface DecideSettings {
  /** Prefix of container and volume names, such as `skerry`. */
  readonly namePrefix: string;
  readonly dnsTtlSeconds: number;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** A secret as it will be: an old version, or one that this release adds. */
export interface KnownSecret {
  readonly id: SecretRow["id"];
  readonly projectId: ProjectId | null;
  readonly name: string;
  /** Not stored yet. */
  readonly isNew: boolean;
  /** There was another version before. */
  readonly isChanged: boolean;
}

export interface NodePlace {
  readonly id: NodeId;
  readonly containerSubnet: string;
  /** Its time zone. */
  readonly timeZone: string;
  /** Addresses in use on the node by its own word. */
  readonly reported: readonly string[];
  readonly addresses: readonly AddressRow[];
}

export interface Situation {
  readonly now: number;
  readonly settings: DecideSettings;
  readonly node: NodePlace;
  readonly projectName: ProjectName;
  /** Null: the project is new. */
  readonly project: ProjectRow | null;
  readonly projects: readonly ProjectRow[];
  readonly newest: ReleaseRow | null;
  /** Of all projects. */
  readonly services: readonly ServiceRow[];
  /** Of all projects, those whose container is not reported gone. */
  readonly live: readonly DeploymentRow[];
  readonly revisions: ReadonlyMap<RevisionId, RevisionRow>;
  readonly observed: ReadonlyMap<DeploymentId, DeploymentReport>;
  readonly volumes: readonly VolumeRow[];
  readonly networks: readonly NetworkRow[];
  readonly secrets: readonly KnownSecret[];
  /** Names of secrets whose values this request carries. */
  readonly carriedSecrets: ReadonlySet<string>;
  readonly pins: ReadonlyMap<PinId, PinRow>;
  /** Null: a delete. */
  readonly part: ComposePart | null;
  /** Type the name to take volumes and secrets away too. */
  readonly purge: boolean;
  readonly pull: boolean;
  /** Names of services whose containers are made anew. */
  readonly restart: ReadonlySet<string>;
  readonly resolved: ReadonlyMap<string, Resolution>;
  /** Volumes that images on the node declare, by id or `repository@digest`. */
  readonly imageVolumes: ReadonlyMap<string, readonly string[]>;
}

/** What deciding needs beside data, handed in so that it stays pure. */
export interface DecideTools {
  newId(kind: IdKind): string;
  readonly specReaders: SpecReaders;
  /** Keyed hash of an environment; equal values give equal text. */
  mac(environment: Readonly<Record<string, string>>): string;
  /** The values behind a revision, to name the variables that differ. */
  environmentOf(revision: RevisionRow): Readonly<Record<string, string>>;
  /** A revision of this service with this spec that was made earlier. */
  revisionByHash(service: ServiceRow["id"], specHash: RevisionRow["specHash"]): RevisionRow | null;
}
