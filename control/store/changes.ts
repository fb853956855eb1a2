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
/** A change in the log: `seq` counts up. */
const ListedChange = ChangeRow.extend({ seq: z.number() });
export type ListedChange = z.infer<typeof ListedChange>;

const IdempotencyRow = z.object({ requestHash: z.string(), answer: z.string() });

export interface ChangeQuery {
  readonly project: string | null;
  /** Of these projects alone, and of none that belongs to no project; null: all. */
  readonly only?: readonly string[] | null;
  /** Also those of accounts and logins. */
  readonly accounts?: boolean;
  /** Older ones than the one of this number. */
  readonly before?: number;
  readonly limit: number;
}

/** Actions on accounts, as they stand in the log, begin so. */
export const ACCOUNT_ACTION = "account.";

export interface Changes {
  add(change: ChangeRow): void;
  /** Newest first. */
  list(query: ChangeQuery): ListedChange[];
  answered(key: string): z.infer<typeof IdempotencyRow> | null;
  remember(key: string, requestHash: string, answer: string, at: number): void;
  /** Gives what is remembered its answer. */
  complete(key: string, answer: string): void;
  forgetAnswer(key: string): void;
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
    list: ({ project, only, accounts, before = Number.MAX_SAFE_INTEGER, limit }) =>
      database.all(
        ListedChange,
        "SELECT seq, at, who, action, project, subject, summary FROM change " +
          "WHERE (?1 IS NULL OR project = ?1) " +
          "AND (?2 IS NULL OR project IN (SELECT value FROM json_each(?2))) " +
          "AND (?3 OR substr(action, 1, length(?4)) <> ?4) AND seq < ?5 ORDER BY seq DESC LIMIT ?6",
        project,
        only === undefined || only === null ? null : JSON.stringify(only),
        accounts === true ? 1 : 0,
        ACCOUNT_ACTION,
        before,
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
    complete(key, answer) {
      database.run("UPDATE idempotency SET answer = ? WHERE key = ?", answer, key);
    },
    forgetAnswer(key) {
      database.run("DELETE FROM idempotency WHERE key = ?", key);
    },
    forgetAnswersBefore(at) {
      database.run("DELETE FROM idempotency WHERE created_at < ?", at);
    },
  };
}
