/** What a release comes to: rows to write and the plan that tells of them. */
import type { PlanAnswer, ReleaseState, Warning } from "../../shared/api/release.ts";
import type { Sha256 } from "../../shared/model/hash.ts";
import type { DeploymentId, ServiceId } from "../../shared/model/ids.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import type { DeploymentRow, Want } from "../store/deployments.ts";
import type { ProjectRow } from "../store/projects.ts";
import type { RolloutSlotRow } from "../store/rollouts.ts";
import type {
  NetworkRow,
  PinRow,
  RevisionRow,
  ServiceRow,
  StoredRoute,
} from "../store/services.ts";
import type { VolumeRow } from "../store/volumes.ts";

export interface NewRevision {
  readonly row: Omit<RevisionRow, "spec" | "environment">;
  /** The RFC 8785 text that was hashed. */
  readonly specText: string;
  /** Clear values, to be encrypted before they are stored. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface NewDeployment {
  readonly row: Omit<DeploymentRow, "releaseId">;
  readonly addresses: readonly string[];
}

export interface Decision {
  readonly project: Pick<ProjectRow, "id" | "name" | "createdAt">;
  readonly isNewProject: boolean;
  readonly services: readonly ServiceRow[];
  readonly routes: readonly { readonly service: ServiceId; readonly routes: StoredRoute[] }[];
  readonly networks: readonly NetworkRow[];
  readonly pins: readonly PinRow[];
  readonly volumes: readonly VolumeRow[];
  /** What each service of the project is to be. */
  readonly specs: readonly {
    readonly service: ServiceRow["name"];
    readonly revisionId: RevisionRow["id"];
    readonly spec: ServiceSpec;
  }[];
  readonly revisions: readonly NewRevision[];
  readonly wants: readonly { readonly id: DeploymentId; readonly want: Want }[];
  readonly deployments: readonly NewDeployment[];
  readonly slots: readonly Omit<RolloutSlotRow, "releaseId">[];
  /** Blobs made of inline configs. */
  readonly content: ReadonlyMap<Sha256, string>;
  /** Files that must have been put before. */
  readonly neededBlobs: readonly Sha256[];
  readonly state: ReleaseState;
  readonly plan: Omit<PlanAnswer, "missingBlobs">;
  readonly warnings: readonly Warning[];
}
