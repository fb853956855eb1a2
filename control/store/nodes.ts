/** Nodes, their keys, the tokens that let them in, and what each was told. */
import { z } from "zod";
import { Sha256 } from "../../shared/model/hash.ts";
import { KeyId, NodeId } from "../../shared/model/ids.ts";
import { SignedManifest } from "../../shared/model/manifest.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { jsonColumn } from "./column.ts";
import { TENANT } from "./tenant.ts";

export const NodeRow = z.object({
  id: NodeId,
  name: z.string(),
  containerSubnet: z.string(),
  createdAt: z.number(),
  revision: z.number(),
  manifest: jsonColumn(SignedManifest).nullable(),
});
export type NodeRow = z.infer<typeof NodeRow>;

const KeyRow = z.object({
  id: KeyId,
  nodeId: NodeId,
  use: z.enum(["sign", "seal", "wg"]),
  publicKey: z.string(),
});
export type KeyRow = z.infer<typeof KeyRow>;

const COLUMNS =
  "id, name, container_subnet AS containerSubnet, created_at AS createdAt, revision, manifest";
const KEY_COLUMNS = "id, node_id AS nodeId, use, public_key AS publicKey";

const MarkRow = z.object({ mark: z.string() });
const SectionRow = z.object({ content: z.string() });

export interface Nodes {
  /** Sorted by name. */
  list(): NodeRow[];
  get(id: NodeId): NodeRow | null;
  byName(name: string): NodeRow | null;
  add(node: Pick<NodeRow, "id" | "name" | "containerSubnet" | "createdAt">): void;
  setManifest(id: NodeId, revision: number, manifest: SignedManifest): void;
  keys(id: NodeId): KeyRow[];
  keyByPublic(publicKey: string): KeyRow | null;
  keyById(id: KeyId): KeyRow | null;
  addKey(key: KeyRow, at: number): void;
  /** No counter of the key below it is taken after a start; null: none was used yet. */
  requestMark(key: KeyId): bigint | null;
  setRequestMark(key: KeyId, mark: bigint): void;
  addToken(hash: Sha256, expiresAt: number): void;
  /** Forgets tokens that were too old at a time. */
  dropTokens(expiredAt: number): void;
  /** True for one node alone, for a token that is known and not too old. */
  useToken(hash: Sha256, by: NodeId, now: number): boolean;
  section(id: NodeId, sha256: Sha256): string | null;
  putSection(id: NodeId, sha256: Sha256, content: string, revision: number): void;
  /** Forgets sections that were last told before a revision. */
  pruneSections(id: NodeId, beforeRevision: number): void;
}

/** Nodes of a database. */
export function createNodes(database: Database): Nodes {
  return {
    list: () =>
      database.all(
        NodeRow,
        `SELECT ${COLUMNS} FROM node WHERE tenant_id = ? ORDER BY name`,
        TENANT,
      ),
    get: (id) => database.get(NodeRow, `SELECT ${COLUMNS} FROM node WHERE id = ?`, id),
    byName: (name) =>
      database.get(
        NodeRow,
        `SELECT ${COLUMNS} FROM node WHERE tenant_id = ? AND name = ?`,
        TENANT,
        name,
      ),
    add(node) {
      database.run(
        "INSERT INTO node (id, tenant_id, name, container_subnet, created_at, revision) " +
          "VALUES (?, ?, ?, ?, ?, 0)",
        node.id,
        TENANT,
        node.name,
        node.containerSubnet,
        node.createdAt,
      );
    },
    setManifest(id, revision, manifest) {
      database.run(
        "UPDATE node SET revision = ?, manifest = ? WHERE id = ?",
        revision,
        JSON.stringify(manifest),
        id,
      );
    },
    keys: (id) =>
      database.all(
        KeyRow,
        `SELECT ${KEY_COLUMNS} FROM node_key WHERE node_id = ? ORDER BY use`,
        id,
      ),
    keyByPublic: (publicKey) =>
      database.get(KeyRow, `SELECT ${KEY_COLUMNS} FROM node_key WHERE public_key = ?`, publicKey),
    keyById: (id) => database.get(KeyRow, `SELECT ${KEY_COLUMNS} FROM node_key WHERE id = ?`, id),
    addKey(key, at) {
      database.run(
        "INSERT INTO node_key (id, tenant_id, node_id, use, public_key, created_at) " +
          "VALUES (?, ?, ?, ?, ?, ?)",
        key.id,
        TENANT,
        key.nodeId,
        key.use,
        key.publicKey,
        at,
      );
    },
    requestMark: (key) => {
      const row = database.get(
        MarkRow,
        "SELECT mark FROM request_mark WHERE key_id = ?",
        key,
      );
      return row === null ? null : BigInt(row.mark);
    },
    setRequestMark(key, mark) {
      database.run(
        "INSERT INTO request_mark (key_id, mark) VALUES (?, ?) " +
          "ON CONFLICT (key_id) DO UPDATE SET mark = excluded.mark",
        key,
        String(mark),
      );
    },
    dropTokens(expiredAt) {
      database.run("DELETE FROM enroll_token WHERE expires_at <= ?", expiredAt);
    },
    addToken(hash, expiresAt) {
      database.run("INSERT INTO enroll_token (hash, expires_at) VALUES (?, ?)", hash, expiresAt);
    },
    useToken: (hash, by, now) =>
      database.run(
        "UPDATE enroll_token SET used_by = ? " +
          "WHERE hash = ? AND (used_by IS NULL OR used_by = ?) AND expires_at > ?",
        by,
        hash,
        by,
        now,
      ) === 1,
    section: (id, sha256) =>
      database.get(
        SectionRow,
        "SELECT content FROM section_blob WHERE node_id = ? AND sha256 = ?",
        id,
        sha256,
      )?.content ?? null,
    putSection(id, sha256, content, revision) {
      database.run(
        "INSERT INTO section_blob (node_id, sha256, content, last_revision) VALUES (?, ?, ?, ?) " +
          "ON CONFLICT (node_id, sha256) DO UPDATE SET last_revision = excluded.last_revision",
        id,
        sha256,
        content,
        revision,
      );
    },
    pruneSections(id, beforeRevision) {
      database.run(
        "DELETE FROM section_blob WHERE node_id = ? AND last_revision < ?",
        id,
        beforeRevision,
      );
    },
  };
}
