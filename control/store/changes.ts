/** The log of who changed what, and answers that are kept for repeats. */
import { z } from "zod";
import type { Database } from "../../shared/sqlite/database.ts";

export const ChangeRow = z.object({
  at: z.number(),
  who: z.string(),
  action: z.string(),
  project: z.string().nullable(),
  subject: z.string(),
  summary: z.string(),
});
export type ChangeRow = z.infer<typeof ChangeRow>;

const IdempotencyRow = z.object({ requestHash: z.string(), answer: z.string() });

export interface Changes {
  add(change: ChangeRow): void;
  /** Newest first. */
  list(query: { readonly project: string | null; readonly limit: number }): ChangeRow[];
  answered(key: string): z.infer<typeof IdempotencyRow> | null;
  remember(key: string, requestHash: string, answer: string, at: number): void;
  forgetAnswersBefore(at: number): void;
}

/** Changes of a database. */
export function createChanges(database: Database): Changes {
  return {
    add(change) {
      database.run(
        "INSERT INTO change (at, who, action, project, subject, summary) " +
          "VALUES (?, ?, ?, ?, ?, ?)",
        change.at,
        change.who,
        change.action,
        change.project,
        change.subject,
        change.summary,
      );
    },
    list: ({ project, limit }) =>
      database.all(
        ChangeRow,
        "SELECT at, who, action, project, subject, summary FROM change " +
          "WHERE ? IS NULL OR project = ? ORDER BY seq DESC LIMIT ?",
        project,
        project,
        limit,
      ),
    answered: (key) =>
      database.get(
        IdempotencyRow,
        "SELECT request_hash AS requestHash, answer FROM idempotency WHERE key = ?",
        key,
      ),
    remember(key, requestHash, answer, at) {
      database.run(
        "INSERT INTO idempotency (key, request_hash, answer, created_at) VALUES (?, ?, ?, ?)",
        key,
        requestHash,
        answer,
        at,
      );
    },
    forgetAnswersBefore(at) {
      database.run("DELETE FROM idempotency WHERE created_at < ?", at);
    },
  };
}
