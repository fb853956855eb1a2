/** Whether a database is whole, by another program than the one that writes it. */
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../errors.ts";

export type Checked =
  | { readonly kind: "whole" }
  /** It cannot be opened, or another holds it. */
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "damaged"; readonly reason: string };

/** Opens it for reading alone; who writes goes on meanwhile. */
export function checkDatabase(path: string): Checked {
  let connection: DatabaseSync | null = null;
  try {
    connection = new DatabaseSync(path, { readOnly: true });
    connection.exec("PRAGMA busy_timeout=2000");
    const found = connection.prepare("PRAGMA quick_check(5)").all()
      .map((row) => String(row["quick_check"]));
    return found.length === 1 && found[0] === "ok"
      ? { kind: "whole" }
      : { kind: "damaged", reason: found.join("; ").slice(0, 500) };
  } catch (thrown) {
    const reason = messageOf(thrown);
    return /not a database|malformed|disk image/.test(reason)
      ? { kind: "damaged", reason }
      : { kind: "unreadable", reason };
  } finally {
    connection?.close();
  }
}
