/** What the control plane knows of itself. */
import { z } from "zod";
import type { Database } from "../../shared/sqlite/database.ts";
import { Epoch } from "../../shared/model/manifest.ts";
import { jsonColumn } from "./column.ts";

export interface Settings {
  epoch(): Epoch | null;
  setEpoch(epoch: Epoch): void;
}

/** Settings of a database. */
export function createSettings(database: Database): Settings {
  return {
    epoch: () =>
      database.get(
        z.object({ value: jsonColumn(Epoch) }),
        "SELECT value FROM setting WHERE name = 'epoch'",
      )?.value ?? null,
    setEpoch(epoch) {
      database.run(
        "INSERT INTO setting (name, value) VALUES ('epoch', ?) " +
          "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        JSON.stringify(epoch),
      );
    },
  };
}
