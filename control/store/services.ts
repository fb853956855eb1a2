/** Services, their networks, image pins and revisions. */
import { z } from "zod";
import { XSkerryRoute } from "../../shared/compose/model.ts";
import { Sha256 } from "../../shared/model/hash.ts";
import { PinId, ProjectId, type ReleaseId, RevisionId, ServiceId } from "../../shared/model/ids.ts";
import { ServiceName, ServiceSpec } from "../../shared/model/service_spec.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { flagColumn, jsonColumn } from "./column.ts";

/** A route as it is stored with its service; the proxy's health path comes from the spec. */
export const StoredRoute = z.object({ ...XSkerryRoute.shape, allow: z.array(z.string()) });
export type StoredRoute = z.infer<typeof StoredRoute>;

export const ServiceRow = z.object({
  id: ServiceId,
  projectId: ProjectId,
  name: ServiceName,
  routes: jsonColumn(z.array(StoredRoute)),
});
export type ServiceRow = z.infer<typeof ServiceRow>;

export const NetworkRow = z.object({
  projectId: ProjectId,
  key: z.string(),
  name: z.string(),
  internal: flagColumn,
  external: flagColumn,
});
export type NetworkRow = z.infer<typeof NetworkRow>;

export const PinRow = z.object({
  id: PinId,
  projectId: ProjectId,
  reference: z.string(),
  digest: z.string().nullable(),
  imageId: z.string().nullable(),
  createdAt: z.number(),
});
export type PinRow = z.infer<typeof PinRow>;

const ReleasePin = PinRow.extend({ serviceName: ServiceName });

export const RevisionRow = z.object({
  id: RevisionId,
  serviceId: ServiceId,
  spec: jsonColumn(ServiceSpec),
  specHash: Sha256,
  pinId: PinId,
  environment: z.instanceof(Uint8Array).nullable(),
  createdAt: z.number(),
});
export type RevisionRow = z.infer<typeof RevisionRow>;

const SERVICE = "id, project_id AS projectId, name, routes";
const NETWORK = "project_id AS projectId, key, name, internal, external";
const PIN = "id, project_id AS projectId, reference, digest, image_id AS imageId, " +
  "created_at AS createdAt";
const REVISION = "id, service_id AS serviceId, spec, spec_hash AS specHash, pin_id AS pinId, " +
  "environment, created_at AS createdAt";

/** Revisions that are kept as they were read; more than a box of 200 services has at once. */
const KNOWN_REVISIONS = 1_000;

export interface Services {
  /** Sorted by name; of all projects where none is given. */
  list(project?: ProjectId): ServiceRow[];
  get(id: ServiceId): ServiceRow | null;
  add(service: ServiceRow): void;
  setRoutes(id: ServiceId, routes: readonly StoredRoute[]): void;
  /** Sorted by key. */
  networks(): NetworkRow[];
  setNetworks(project: ProjectId, networks: readonly NetworkRow[]): void;
  pin(id: PinId): PinRow | null;
  /** Those of the deployments that are not gone, of one project or all. */
  livePins(project?: ProjectId): ReadonlyMap<PinId, PinRow>;
  /** What the services of a release run from, with their names, sorted. */
  pinsOfRelease(id: ReleaseId): z.infer<typeof ReleasePin>[];
  addPin(pin: PinRow): void;
  /** Fills what was not known yet, and only that. True: something was new. */
  fillPin(id: PinId, digest: string | null, imageId: string): boolean;
  revision(id: RevisionId): RevisionRow | null;
  revisionByHash(service: ServiceId, specHash: Sha256): RevisionRow | null;
  /** @param specText the RFC 8785 text that was hashed */
  addRevision(revision: Omit<RevisionRow, "spec">, specText: string): void;
}

/** Services of a database. */
export function createServices(database: Database): Services {
  // A revision never changes, and its spec is the longest text to read of all.
  const revisions = new Map<RevisionId, RevisionRow>();
  return {
    list: (project) =>
      project === undefined
        ? database.all(ServiceRow, `SELECT ${SERVICE} FROM service ORDER BY name, id`)
        : database.all(
          ServiceRow,
          `SELECT ${SERVICE} FROM service WHERE project_id = ? ORDER BY name`,
          project,
        ),
    get: (id) => database.get(ServiceRow, `SELECT ${SERVICE} FROM service WHERE id = ?`, id),
    add(service) {
      database.run(
        "INSERT INTO service (id, project_id, name, routes) VALUES (?, ?, ?, ?)",
        service.id,
        service.projectId,
        service.name,
        JSON.stringify(service.routes),
      );
    },
    setRoutes(id, routes) {
      database.run("UPDATE service SET routes = ? WHERE id = ?", JSON.stringify(routes), id);
    },
    networks: () =>
      database.all(NetworkRow, `SELECT ${NETWORK} FROM network ORDER BY key, project_id`),
    setNetworks(project, networks) {
      database.run("DELETE FROM network WHERE project_id = ?", project);
      for (const network of networks) {
        database.run(
          "INSERT INTO network (project_id, key, name, internal, external) VALUES (?, ?, ?, ?, ?)",
          project,
          network.key,
          network.name,
          network.internal ? 1 : 0,
          network.external ? 1 : 0,
        );
      }
    },
    pin: (id) => database.get(PinRow, `SELECT ${PIN} FROM pin WHERE id = ?`, id),
    livePins: (project) =>
      new Map(
        database.all(
          PinRow,
          `SELECT ${PIN} FROM pin WHERE (?1 IS NULL OR project_id = ?1) AND id IN ` +
            "(SELECT pin_id FROM revision WHERE id IN " +
            "(SELECT revision_id FROM deployment WHERE gone_at IS NULL))",
          project ?? null,
        ).map((row) => [row.id, row]),
      ),
    pinsOfRelease: (id) =>
      database.all(
        ReleasePin,
        "SELECT DISTINCT pin.id AS id, pin.project_id AS projectId, pin.reference AS reference, " +
          "pin.digest AS digest, pin.image_id AS imageId, pin.created_at AS createdAt, " +
          "service.name AS serviceName FROM rollout_slot " +
          "JOIN deployment ON deployment.id = rollout_slot.deployment_id " +
          "JOIN service ON service.id = deployment.service_id " +
          "JOIN revision ON revision.id = deployment.revision_id " +
          "JOIN pin ON pin.id = revision.pin_id " +
          "WHERE rollout_slot.release_id = ? AND rollout_slot.change <> 'removed' " +
          "ORDER BY service.name, pin.id",
        id,
      ),
    addPin(pin) {
      database.run(
        "INSERT INTO pin (id, project_id, reference, digest, image_id, created_at) " +
          "VALUES (?, ?, ?, ?, ?, ?)",
        pin.id,
        pin.projectId,
        pin.reference,
        pin.digest,
        pin.imageId,
        pin.createdAt,
      );
    },
    fillPin: (id, digest, imageId) =>
      database.run(
        "UPDATE pin SET digest = coalesce(digest, ?), image_id = ? " +
          "WHERE id = ? AND image_id IS NULL",
        digest,
        imageId,
        id,
      ) === 1,
    revision(id) {
      const known = revisions.get(id);
      if (known !== undefined) return known;
      const row = database.get(RevisionRow, `SELECT ${REVISION} FROM revision WHERE id = ?`, id);
      if (row === null) return null;
      if (revisions.size >= KNOWN_REVISIONS) revisions.clear();
      revisions.set(id, row);
      return row;
    },
    revisionByHash: (service, specHash) =>
      database.get(
        RevisionRow,
        `SELECT ${REVISION} FROM revision WHERE service_id = ? AND spec_hash = ?`,
        service,
        specHash,
      ),
    addRevision(revision, specText) {
      database.run(
        "INSERT INTO revision (id, service_id, spec, spec_hash, pin_id, environment, created_at) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
        revision.id,
        revision.serviceId,
        specText,
        revision.specHash,
        revision.pinId,
        revision.environment,
        revision.createdAt,
      );
    },
  };
}
