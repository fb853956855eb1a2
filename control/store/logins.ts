/** Sessions and API tokens; of each secret its hash alone. */
import { z } from "zod";
import type { Sha256 } from "../../shared/model/hash.ts";
import { AccountId, SessionId, TokenId } from "../../shared/model/ids.ts";
import { Grant } from "../../shared/model/role.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { jsonColumn } from "./column.ts";

const SessionRow = z.object({
  id: SessionId,
  accountId: AccountId,
  createdAt: z.number(),
  lastSeenAt: z.number(),
  /** It ends then, however much it is used. */
  expiresAt: z.number(),
  address: z.string().nullable(),
  lastAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type SessionRow = z.infer<typeof SessionRow>;

const TokenRow = z.object({
  id: TokenId,
  accountId: AccountId,
  name: z.string(),
  /** They bound those of its account; null: the account's own. */
  grants: jsonColumn(z.array(Grant)).nullable(),
  createdAt: z.number(),
  /** Null: never. */
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
  lastAddress: z.string().nullable(),
});
export type TokenRow = z.infer<typeof TokenRow>;

const SESSION = "id, account_id AS accountId, created_at AS createdAt, " +
  "last_seen_at AS lastSeenAt, expires_at AS expiresAt, address, last_address AS lastAddress, " +
  "user_agent AS userAgent";
const TOKEN = "id, account_id AS accountId, name, grants, created_at AS createdAt, " +
  "expires_at AS expiresAt, last_used_at AS lastUsedAt, last_address AS lastAddress";

export interface Logins {
  addSession(session: SessionRow, hash: Sha256): void;
  session(hash: Sha256): SessionRow | null;
  /** Of one account, the newest first; null: of all. */
  sessions(accountId: AccountId | null): SessionRow[];
  touchSession(id: SessionId, at: number, address: string | null): void;
  /** False: the account has no such session. */
  removeSession(id: SessionId, accountId: AccountId): boolean;
  /** Those that ended by themselves. */
  dropSessions(idleSince: number, now: number): void;
  addToken(token: TokenRow, hash: Sha256): void;
  token(hash: Sha256): TokenRow | null;
  /** Of one account, the newest first; null: of all. */
  tokens(accountId: AccountId | null): TokenRow[];
  touchToken(id: TokenId, at: number, address: string | null): void;
  /** False: the account has no such token. */
  removeToken(id: TokenId, accountId: AccountId): boolean;
}

/** Sessions and tokens of a database. */
export function createLogins(database: Database): Logins {
  return {
    addSession(session, hash) {
      database.run(
        "INSERT INTO session (id, hash, account_id, created_at, last_seen_at, expires_at, " +
          "address, last_address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        session.id,
        hash,
        session.accountId,
        session.createdAt,
        session.lastSeenAt,
        session.expiresAt,
        session.address,
        session.lastAddress,
        session.userAgent,
      );
    },
    session: (hash) =>
      database.get(SessionRow, `SELECT ${SESSION} FROM session WHERE hash = ?`, hash),
    sessions: (accountId) =>
      database.all(
        SessionRow,
        `SELECT ${SESSION} FROM session WHERE ?1 IS NULL OR account_id = ?1 ` +
          "ORDER BY created_at DESC, id",
        accountId,
      ),
    touchSession(id, at, address) {
      database.run(
        "UPDATE session SET last_seen_at = ?, last_address = ? WHERE id = ?",
        at,
        address,
        id,
      );
    },
    removeSession: (id, accountId) =>
      database.run("DELETE FROM session WHERE id = ? AND account_id = ?", id, accountId) === 1,
    dropSessions(idleSince, now) {
      database.run(
        "DELETE FROM session WHERE last_seen_at <= ? OR expires_at <= ?",
        idleSince,
        now,
      );
    },
    addToken(token, hash) {
      database.run(
        "INSERT INTO api_token (id, hash, account_id, name, grants, created_at, expires_at, " +
          "last_used_at, last_address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        token.id,
        hash,
        token.accountId,
        token.name,
        token.grants === null ? null : JSON.stringify(token.grants),
        token.createdAt,
        token.expiresAt,
        token.lastUsedAt,
        token.lastAddress,
      );
    },
    token: (hash) => database.get(TokenRow, `SELECT ${TOKEN} FROM api_token WHERE hash = ?`, hash),
    tokens: (accountId) =>
      database.all(
        TokenRow,
        `SELECT ${TOKEN} FROM api_token WHERE ?1 IS NULL OR account_id = ?1 ` +
          "ORDER BY created_at DESC, id",
        accountId,
      ),
    touchToken(id, at, address) {
      database.run(
        "UPDATE api_token SET last_used_at = ?, last_address = ? WHERE id = ?",
        at,
        address,
        id,
      );
    },
    removeToken: (id, accountId) =>
      database.run("DELETE FROM api_token WHERE id = ? AND account_id = ?", id, accountId) === 1,
  };
}
