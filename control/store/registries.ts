/** Image registries by host: plain http, mirrors, and the login. */
import { z } from "zod";
import { SecretVersionId } from "../../shared/model/ids.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { flagColumn, jsonColumn } from "./column.ts";
import { TENANT } from "./tenant.ts";

const Columns = z.object({
  host: z.string(),
  plainHttp: flagColumn,
  mirrors: jsonColumn(z.array(z.string())),
  loginId: SecretVersionId.nullable(),
  username: z.string().nullable(),
  login: z.instanceof(Uint8Array).nullable(),
  changedAt: z.number(),
});

export interface LoginRow {
  readonly id: SecretVersionId;
  readonly username: string;
  /** A RegistryLogin as JSON, encrypted under the master key. */
  readonly value: Uint8Array;
}

export interface RegistryRow {
  readonly host: string;
  readonly plainHttp: boolean;
  readonly mirrors: readonly string[];
  readonly login: LoginRow | null;
  readonly changedAt: number;
}

export interface Registries {
  /** Sorted by host. */
  list(): RegistryRow[];
  get(host: string): RegistryRow | null;
  /** What was known of the host before is replaced; what was sealed of an older login goes. */
  put(registry: RegistryRow): void;
  /** False: there was none. */
  remove(host: string): boolean;
}

const SELECT = "SELECT host, plain_http AS plainHttp, mirrors, login_id AS loginId, username, " +
  "login, changed_at AS changedAt FROM registry WHERE tenant_id = ?";

function rowOf(columns: z.infer<typeof Columns>): RegistryRow {
  const { loginId, username, login: value, ...rest } = columns;
  const login = loginId === null || username === null || value === null
    ? null
    : { id: loginId, username, value };
  return { ...rest, login };
}

/** Registries of a database. */
export function createRegistries(database: Database): Registries {
  const get = (host: string): RegistryRow | null => {
    const found = database.get(Columns, `${SELECT} AND host = ?`, TENANT, host);
    return found === null ? null : rowOf(found);
  };
  const forgetSealed = (host: string, keep: SecretVersionId | null) => {
    const before = get(host)?.login?.id;
    if (before === undefined || before === keep) return;
    database.run("DELETE FROM sealed WHERE subject = ?", before);
  };
  return {
    list: () => database.all(Columns, `${SELECT} ORDER BY host`, TENANT).map(rowOf),
    get,
    put({ host, plainHttp, mirrors, login, changedAt }) {
      forgetSealed(host, login?.id ?? null);
      database.run(
        "INSERT OR REPLACE INTO registry (tenant_id, host, plain_http, mirrors, login_id, " +
          "username, login, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        TENANT,
        host,
        plainHttp ? 1 : 0,
        JSON.stringify(mirrors),
        login?.id ?? null,
        login?.username ?? null,
        login?.value ?? null,
        changedAt,
      );
    },
    remove(host) {
      forgetSealed(host, null);
      return database.run("DELETE FROM registry WHERE tenant_id = ? AND host = ?", TENANT, host) >
        0;
    },
  };
}
