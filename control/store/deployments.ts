/** Deployments and the addresses that are theirs for life. */
import { z } from "zod";
import {
  DeploymentId,
  NodeId,
  ProjectId,
  ReleaseId,
  RevisionId,
  ServiceId,
} from "../../shared/model/ids.ts";
import type { Database } from "../../shared/sqlite/database.ts";

export const DeploymentRow = z.object({
  id: DeploymentId,
  projectId: ProjectId,
  serviceId: ServiceId,
  slot: z.number(),
  revisionId: RevisionId,
  nodeId: NodeId,
  releaseId: ReleaseId,
  kind: z.enum(["service", "job"]),
  want: z.enum(["run", "retire", "absent"]),
  replaces: DeploymentId.nullable(),
  order: z.enum(["beside", "stop_first"]),
  orderReason: z.string().nullable(),
  containerName: z.string(),
  createdAt: z.number(),
  goneAt: z.number().nullable(),
});
export type DeploymentRow = z.infer<typeof DeploymentRow>;
export type Want = DeploymentRow["want"];

export const AddressRow = z.object({
  nodeId: NodeId,
  address: z.string(),
  deploymentId: DeploymentId.nullable(),
  freedAt: z.number().nullable(),
});
export type AddressRow = z.infer<typeof AddressRow>;

const COLUMNS = "id, project_id AS projectId, service_id AS serviceId, slot, " +
  "revision_id AS revisionId, node_id AS nodeId, release_id AS releaseId, kind, want, replaces, " +
  'start_order AS "order", order_reason AS orderReason, container_name AS containerName, ' +
  "created_at AS createdAt, gone_at AS goneAt";

const AddressOnly = z.object({ address: z.string() });
const IdOnly = z.object({ id: DeploymentId });
const OwnedAddress = z.object({ id: DeploymentId, address: z.string() });
const ServiceCount = z.object({ id: ProjectId, services: z.number() });

const LIVE = "gone_at IS NULL AND (?1 IS NULL OR project_id = ?1)";

export interface Deployments {
  /** Those whose container was not reported gone, sorted by id; of one project or all. */
  live(project?: ProjectId): DeploymentRow[];
  /** Their ids alone. */
  liveIds(): ReadonlySet<DeploymentId>;
  /** Addresses of those, sorted; who has none is not in it. */
  liveAddresses(project?: ProjectId): ReadonlyMap<DeploymentId, readonly string[]>;
  /** How many services of each project are wanted, or on their way out. */
  serviceCounts(): ReadonlyMap<ProjectId, number>;
  get(id: DeploymentId): DeploymentRow | null;
  add(deployment: DeploymentRow): void;
  setWant(id: DeploymentId, want: Want): void;
  /** Its container is gone: its addresses are free from now on. */
  setGone(id: DeploymentId, at: number): void;
  /** All that were ever handed out, those of a live deployment too. */
  addresses(node: NodeId): AddressRow[];
  addressesOf(id: DeploymentId): string[];
  assign(node: NodeId, address: string, deployment: DeploymentId): void;
}

/** Deployments of a database. */
export function createDeployments(database: Database): Deployments {
  return {
    live: (project) =>
      database.all(
        DeploymentRow,
        `SELECT ${COLUMNS} FROM deployment WHERE ${LIVE} ORDER BY id`,
        project ?? null,
      ),
    liveIds: () =>
      new Set(
        database.all(IdOnly, "SELECT id FROM deployment WHERE gone_at IS NULL")
          .map(({ id }) => id),
      ),
    liveAddresses(project) {
      const found = new Map<DeploymentId, string[]>();
      const rows = database.all(
        OwnedAddress,
        "SELECT deployment.id AS id, address FROM address " +
          `JOIN deployment ON deployment.id = deployment_id WHERE ${LIVE} ORDER BY address`,
        project ?? null,
      );
      for (const { id, address } of rows) {
        const own = found.get(id);
        if (own === undefined) found.set(id, [address]);
        else own.push(address);
      }
      return found;
    },
    serviceCounts: () =>
      new Map(
        database.all(
          ServiceCount,
          "SELECT project_id AS id, count(DISTINCT service_id) AS services FROM deployment " +
            "WHERE gone_at IS NULL AND want <> 'absent' GROUP BY project_id",
        ).map(({ id, services }) => [id, services]),
      ),
    get: (id) => database.get(DeploymentRow, `SELECT ${COLUMNS} FROM deployment WHERE id = ?`, id),
    add(deployment) {
      database.run(
        "INSERT INTO deployment (id, project_id, service_id, slot, revision_id, node_id, " +
          "release_id, kind, want, replaces, start_order, order_reason, container_name, " +
          "created_at, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        deployment.id,
        deployment.projectId,
        deployment.serviceId,
        deployment.slot,
        deployment.revisionId,
        deployment.nodeId,
        deployment.releaseId,
        deployment.kind,
        deployment.want,
        deployment.replaces,
        deployment.order,
        deployment.orderReason,
        deployment.containerName,
        deployment.createdAt,
        deployment.goneAt,
      );
    },
    setWant(id, want) {
      database.run("UPDATE deployment SET want = ? WHERE id = ?", want, id);
    },
    setGone(id, at) {
      database.run("UPDATE deployment SET want = 'absent', gone_at = ? WHERE id = ?", at, id);
      database.run(
        "UPDATE address SET deployment_id = NULL, freed_at = ? WHERE deployment_id = ?",
        at,
        id,
      );
    },
    addresses: (node) =>
      database.all(
        AddressRow,
        "SELECT node_id AS nodeId, address, deployment_id AS deploymentId, freed_at AS freedAt " +
          "FROM address WHERE node_id = ?",
        node,
      ),
    addressesOf: (id) =>
      database.all(
        AddressOnly,
        "SELECT address FROM address WHERE deployment_id = ? ORDER BY address",
        id,
      ).map((row) => row.address),
    assign(node, address, deployment) {
      database.run(
        "INSERT INTO address (node_id, address, deployment_id, freed_at) VALUES (?, ?, ?, NULL) " +
          "ON CONFLICT (node_id, address) DO UPDATE " +
          "SET deployment_id = excluded.deployment_id, freed_at = NULL",
        node,
        address,
        deployment,
      );
    },
  };
}
