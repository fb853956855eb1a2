/** The steps that lead from nothing to schema.sql, in order. Never change one that was released. */
import first from "./migrations/0001_first.sql" with { type: "text" };
import requestMark from "./migrations/0002_request_mark.sql" with { type: "text" };
import registry from "./migrations/0003_registry.sql" with { type: "text" };
import volumeOptions from "./migrations/0004_volume_options.sql" with { type: "text" };
import account from "./migrations/0005_account.sql" with { type: "text" };
import type { Migration } from "../../shared/sqlite/migrate.ts";

export const MIGRATIONS: readonly Migration[] = [
  { name: "0001_first", sql: first },
  { name: "0002_request_mark", sql: requestMark },
  { name: "0003_registry", sql: registry },
  { name: "0004_volume_options", sql: volumeOptions },
  { name: "0005_account", sql: account },
];
