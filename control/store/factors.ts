/** What an account shows beside its password: one-time codes, and codes for when these are lost. */
import { z } from "zod";
import type { AccountId } from "../../shared/model/ids.ts";
import type { Database } from "../../shared/sqlite/database.ts";

const TotpRow = z.object({
  /** Encrypted under the master key. */
  secret: z.instanceof(Uint8Array),
  /** Null: no code of it was given yet, and none is asked for. */
  confirmedAt: z.number().nullable(),
  lastStep: z.number(),
});
export type TotpRow = z.infer<typeof TotpRow>;

const Count = z.object({ n: z.number() });

export interface Factors {
  totp(id: AccountId): TotpRow | null;
  /** In place of the one before; no code of it was given yet. */
  beginTotp(id: AccountId, secret: Uint8Array): void;
  confirmTotp(id: AccountId, at: number): void;
  /** True for one alone who uses a step, and none after a later one. */
  useStep(id: AccountId, step: number): boolean;
  /** With the recovery codes. */
  removeTotp(id: AccountId): void;
  /** In place of all that there were. */
  setRecoveryCodes(id: AccountId, hashes: readonly string[]): void;
  recoveryCodesLeft(id: AccountId): number;
  /** True once for each code. */
  useRecoveryCode(id: AccountId, hash: string, at: number): boolean;
}

/** Factors of a database. */
export function createFactors(database: Database): Factors {
  const dropCodes = (id: AccountId) =>
    void database.run("DELETE FROM recovery_code WHERE account_id = ?", id);
  return {
    totp: (id) =>
      database.get(
        TotpRow,
        "SELECT secret, confirmed_at AS confirmedAt, last_step AS lastStep FROM totp " +
          "WHERE account_id = ?",
        id,
      ),
    beginTotp(id, secret) {
      database.run(
        "INSERT INTO totp (account_id, secret, confirmed_at, last_step) VALUES (?, ?, NULL, 0) " +
          "ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, " +
          "confirmed_at = NULL, last_step = 0",
        id,
        secret,
      );
    },
    confirmTotp(id, at) {
      database.run("UPDATE totp SET confirmed_at = ? WHERE account_id = ?", at, id);
    },
    useStep: (id, step) =>
      database.run(
        "UPDATE totp SET last_step = ?1 WHERE account_id = ?2 AND last_step < ?1",
        step,
        id,
      ) === 1,
    removeTotp(id) {
      dropCodes(id);
      database.run("DELETE FROM totp WHERE account_id = ?", id);
    },
    setRecoveryCodes(id, hashes) {
      dropCodes(id);
      for (const hash of hashes) {
        database.run("INSERT INTO recovery_code (account_id, hash) VALUES (?, ?)", id, hash);
      }
    },
    recoveryCodesLeft: (id) =>
      database.get(
        Count,
        "SELECT count(*) AS n FROM recovery_code WHERE account_id = ? AND used_at IS NULL",
        id,
      )?.n ?? 0,
    useRecoveryCode: (id, hash, at) =>
      database.run(
        "UPDATE recovery_code SET used_at = ? " +
          "WHERE account_id = ? AND hash = ? AND used_at IS NULL",
        at,
        id,
        hash,
      ) === 1,
  };
}
