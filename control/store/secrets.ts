/** Secrets by version, encrypted at rest, and what was sealed to nodes. */
import { z } from "zod";
import { ProjectId, SecretVersionId } from "../../shared/model/ids.ts";
import type { NodeId, RevisionId } from "../../shared/model/ids.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { TENANT } from "./tenant.ts";

export const SecretRow = z.object({
  id: SecretVersionId,
  projectId: ProjectId.nullable(),
  name: z.string(),
  number: z.number(),
  /** Encrypted under the master key. */
  value: z.instanceof(Uint8Array),
  createdAt: z.number(),
});
export type SecretRow = z.infer<typeof SecretRow>;

const COLUMNS = "id, project_id AS projectId, name, number, value, created_at AS createdAt";

const SealedRow = z.object({ content: z.string() });

export interface Secrets {
  /** The newest version of each, sorted by project and name. */
  newest(): SecretRow[];
  /** The newest version of one. */
  newestOf(project: ProjectId | null, name: string): SecretRow | null;
  get(id: SecretVersionId): SecretRow | null;
  add(secret: SecretRow): void;
  /** All versions. Returns how many there were. */
  remove(project: ProjectId | null, name: string): number;
  sealed(node: NodeId, subject: SecretVersionId | RevisionId): string | null;
  addSealed(node: NodeId, subject: SecretVersionId | RevisionId, content: string): void;
}

/** Secrets of a database. */
export function createSecrets(database: Database): Secrets {
  return {
    newest: () =>
      database.all(
        SecretRow,
        `SELECT ${COLUMNS} FROM secret_version AS s WHERE tenant_id = ? AND number = ` +
          "(SELECT max(number) FROM secret_version AS o WHERE o.tenant_id = s.tenant_id " +
          "AND o.name = s.name AND o.project_id IS s.project_id) ORDER BY project_id, name",
        TENANT,
      ),
    newestOf: (project, name) =>
      database.get(
        SecretRow,
        `SELECT ${COLUMNS} FROM secret_version WHERE tenant_id = ? AND project_id IS ? ` +
          "AND name = ? ORDER BY number DESC LIMIT 1",
        TENANT,
        project,
        name,
      ),
    get: (id) => database.get(SecretRow, `SELECT ${COLUMNS} FROM secret_version WHERE id = ?`, id),
    add(secret) {
      database.run(
        "INSERT INTO secret_version (id, tenant_id, project_id, name, number, value, created_at) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
        secret.id,
        TENANT,
        secret.projectId,
        secret.name,
        secret.number,
        secret.value,
        secret.createdAt,
      );
    },
    remove(project, name) {
      database.run(
        "DELETE FROM sealed WHERE subject IN (SELECT id FROM secret_version " +
          "WHERE tenant_id = ? AND project_id IS ? AND name = ?)",
        TENANT,
        project,
        name,
      );
      return database.run(
        "DELETE FROM secret_version WHERE tenant_id = ? AND project_id IS ? AND name = ?",
        TENANT,
        project,
        name,
      );
    },
    sealed: (node, subject) =>
      database.get(
        SealedRow,
        "SELECT content FROM sealed WHERE node_id = ? AND subject = ?",
        node,
        subject,
      )?.content ?? null,
    addSealed(node, subject, content) {
      database.run(
        "INSERT INTO sealed (node_id, subject, content) VALUES (?, ?, ?)",
        node,
        subject,
        content,
      );
    },
  };
}
