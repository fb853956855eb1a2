/** What the control plane knows of itself. */
import { z } from "zod";
import { LoginSettings } from "../../shared/api/accounts.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { Epoch } from "../../shared/model/manifest.ts";
import { jsonColumn } from "./column.ts";

export interface Settings {
  epoch(): Epoch | null;
  setEpoch(epoch: Epoch): void;
  login(): LoginSettings;
  setLogin(settings: LoginSettings): void;
}

const LOGIN_DEFAULTS: LoginSettings = {
  totpWindowSteps: 1,
  sessionIdleMinutes: 12 * 60,
  sessionHours: 7 * 24,
};

/** Settings of a database. */
export function createSettings(database: Database): Settings {
  const put = (name: string, value: unknown) =>
    void database.run(
      "INSERT INTO setting (name, value) VALUES (?, ?) " +
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name,
      JSON.stringify(value),
    );
  return {
    epoch: () =>
      database.get(
        z.object({ value: jsonColumn(Epoch) }),
        "SELECT value FROM setting WHERE name = 'epoch'",
      )?.value ?? null,
    setEpoch: (epoch) => put("epoch", epoch),
    login: () =>
      database.get(
        z.object({ value: jsonColumn(LoginSettings) }),
        "SELECT value FROM setting WHERE name = 'login'",
      )?.value ?? LOGIN_DEFAULTS,
    setLogin: (settings) => put("login", settings),
  };
}
