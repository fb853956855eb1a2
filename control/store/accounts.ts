/** Accounts, what each may, and the one-time links with which a password is set. */
import { z } from "zod";
import type { Sha256 } from "../../shared/model/hash.ts";
import { AccountId } from "../../shared/model/ids.ts";
import { Grant, Role } from "../../shared/model/role.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { flagColumn } from "./column.ts";
import { TENANT } from "./tenant.ts";

const AccountRow = z.object({
  id: AccountId,
  name: z.string(),
  /** scrypt with its parameters; null: none was set yet. */
  password: z.string().nullable(),
  passwordChangedAt: z.number().nullable(),
  disabled: flagColumn,
  createdAt: z.number(),
  lastLoginAt: z.number().nullable(),
});
export type AccountRow = z.infer<typeof AccountRow>;

const LinkRow = z.object({ accountId: AccountId.nullable(), expiresAt: z.number() });
export type LinkRow = z.infer<typeof LinkRow>;

const GrantRow = z.object({ role: Role, project: z.string() });

const COLUMNS = "id, name, password, password_changed_at AS passwordChangedAt, disabled, " +
  "created_at AS createdAt, last_login_at AS lastLoginAt";

export interface Accounts {
  /** Sorted by name. */
  list(): AccountRow[];
  get(id: AccountId): AccountRow | null;
  byName(name: string): AccountRow | null;
  add(account: Pick<AccountRow, "id" | "name" | "createdAt">): void;
  /** With all that is its own. */
  remove(id: AccountId): void;
  setPassword(id: AccountId, password: string | null, at: number): void;
  setDisabled(id: AccountId, disabled: boolean): void;
  noteLogin(id: AccountId, at: number): void;
  /** Sorted by project, the one for everywhere first. */
  grants(id: AccountId): Grant[];
  setGrants(id: AccountId, grants: readonly Grant[]): void;
  addLink(hash: Sha256, accountId: AccountId | null, at: number, expiresAt: number): void;
  /** Null: it is not known, or too old. */
  link(hash: Sha256, now: number): LinkRow | null;
  /** True for one alone who uses it. */
  useLink(hash: Sha256): boolean;
  /** Those of an account; null: those that make the first administrator. */
  dropLinks(accountId: AccountId | null): void;
  dropOldLinks(now: number): void;
}

/** Accounts of a database. */
export function createAccounts(database: Database): Accounts {
  const dropLinks = (accountId: AccountId | null) =>
    void database.run("DELETE FROM setup_link WHERE account_id IS ?", accountId);
  return {
    list: () =>
      database.all(
        AccountRow,
        `SELECT ${COLUMNS} FROM account WHERE tenant_id = ? ORDER BY name`,
        TENANT,
      ),
    get: (id) => database.get(AccountRow, `SELECT ${COLUMNS} FROM account WHERE id = ?`, id),
    byName: (name) =>
      database.get(
        AccountRow,
        `SELECT ${COLUMNS} FROM account WHERE tenant_id = ? AND name = ?`,
        TENANT,
        name,
      ),
    add({ id, name, createdAt }) {
      database.run(
        "INSERT INTO account (id, tenant_id, name, created_at) VALUES (?, ?, ?, ?)",
        id,
        TENANT,
        name,
        createdAt,
      );
    },
    remove(id) {
      dropLinks(id);
      database.run("DELETE FROM account_grant WHERE account_id = ?", id);
      database.run("DELETE FROM session WHERE account_id = ?", id);
      database.run("DELETE FROM api_token WHERE account_id = ?", id);
      database.run("DELETE FROM recovery_code WHERE account_id = ?", id);
      database.run("DELETE FROM totp WHERE account_id = ?", id);
      database.run("DELETE FROM account WHERE id = ?", id);
    },
    setPassword(id, password, at) {
      database.run(
        "UPDATE account SET password = ?, password_changed_at = ? WHERE id = ?",
        password,
        at,
        id,
      );
    },
    setDisabled(id, disabled) {
      database.run("UPDATE account SET disabled = ? WHERE id = ?", disabled ? 1 : 0, id);
    },
    noteLogin(id, at) {
      database.run("UPDATE account SET last_login_at = ? WHERE id = ?", at, id);
    },
    grants: (id) =>
      database.all(
        GrantRow,
        "SELECT role, project FROM account_grant WHERE account_id = ? ORDER BY project",
        id,
      ).map(({ role, project }) =>
        Grant.parse({ role, project: project === "" ? null : ProjectName.parse(project) })
      ),
    setGrants(id, grants) {
      database.run("DELETE FROM account_grant WHERE account_id = ?", id);
      for (const { role, project } of grants) {
        database.run(
          "INSERT INTO account_grant (account_id, project, role) VALUES (?, ?, ?)",
          id,
          project ?? "",
          role,
        );
      }
    },
    addLink(hash, accountId, at, expiresAt) {
      database.run(
        "INSERT INTO setup_link (hash, account_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
        hash,
        accountId,
        at,
        expiresAt,
      );
    },
    link: (hash, now) =>
      database.get(
        LinkRow,
        "SELECT account_id AS accountId, expires_at AS expiresAt FROM setup_link " +
          "WHERE hash = ? AND expires_at > ?",
        hash,
        now,
      ),
    useLink: (hash) => database.run("DELETE FROM setup_link WHERE hash = ?", hash) === 1,
    dropLinks,
    dropOldLinks(now) {
      database.run("DELETE FROM setup_link WHERE expires_at <= ?", now);
    },
  };
}
