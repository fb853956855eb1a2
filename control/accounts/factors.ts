/** One-time codes and recovery codes of an account. */
import type { RecoveryCodes, TotpBegun } from "../../shared/api/accounts.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { AccountId } from "../../shared/model/ids.ts";
import { decryptAtRest, encryptAtRest } from "../../shared/sealing/seal.ts";
import type { Context } from "../context.ts";
import { makeRecoveryCodes, recoveryHash } from "./recovery.ts";
import { base32, matchStep, otpauthUri, TOTP_SECRET_BYTES } from "./totp.ts";

/** What an app that makes codes shows beside the account. */
const ISSUER = "Skerry";

/** Uses a code up; within a transaction. True: it was right. */
function useCode(context: Context, id: AccountId, code: string): boolean {
  const { store, clock, keys } = context;
  const totp = store.factors.totp(id);
  if (totp === null) return false;
  const step = matchStep(decryptAtRest(keys.master, totp.secret), code, {
    now: clock.now(),
    windowSteps: store.settings.login().totpWindowSteps,
    lastStep: totp.lastStep,
  });
  if (step !== null) return store.factors.useStep(id, step);
  return totp.confirmedAt !== null &&
    store.factors.useRecoveryCode(id, recoveryHash(keys, code), clock.now());
}

/** Asks for a code where the account has them, and uses it up; within a transaction. */
export function checkCode(
  context: Context,
  id: AccountId,
  code: string | undefined,
): "right" | "needed" | "wrong" {
  if (!hasTotp(context, id)) return "right";
  if (code === undefined || code.trim() === "") return "needed";
  return useCode(context, id, code) ? "right" : "wrong";
}

/** A fresh secret, in place of one that was not confirmed. Error `totp_there`. */
export function beginTotp(context: Context, id: AccountId, name: string): TotpBegun {
  const { store, random, keys } = context;
  if (hasTotp(context, id)) {
    throw new SkerryError(
      "totp_there",
      "one-time codes are set up already",
      "Remove them first to begin anew.",
    );
  }
  const secret = random(TOTP_SECRET_BYTES);
  store.factors.beginTotp(id, encryptAtRest(keys.master, secret, random));
  return { secret: base32(secret), uri: otpauthUri(secret, name, ISSUER) };
}

/** Counts from now on; within a transaction. Errors: `totp_not_begun`, `code_wrong`. */
export function confirmTotp(context: Context, id: AccountId, code: string): RecoveryCodes {
  const { store, clock } = context;
  const totp = store.factors.totp(id);
  if (totp === null || totp.confirmedAt !== null) {
    throw new SkerryError(
      "totp_not_begun",
      totp === null ? "no secret was made yet" : "one-time codes are confirmed already",
      "Begin with a fresh secret.",
    );
  }
  if (!useCode(context, id, code)) {
    throw new SkerryError(
      "code_mismatch",
      "this is not the code of the secret at the box's time",
      "See that the clocks of phone and box agree; an administrator can widen the window.",
    );
  }
  store.factors.confirmTotp(id, clock.now());
  return renewRecoveryCodes(context, id);
}

/** Fresh codes in place of all others; within a transaction. Error `totp_not_begun`. */
export function renewRecoveryCodes(context: Context, id: AccountId): RecoveryCodes {
  if (!hasTotp(context, id)) {
    throw new SkerryError(
      "totp_not_begun",
      "recovery codes are for accounts with one-time codes",
      "Set these up first.",
    );
  }
  const codes = makeRecoveryCodes(context.random);
  const hashes = codes.map((code) => recoveryHash(context.keys, code));
  context.store.factors.setRecoveryCodes(id, hashes);
  return { codes };
}

/** Does a login ask for codes? */
export function hasTotp({ store }: Pick<Context, "store">, id: AccountId): boolean {
  return typeof store.factors.totp(id)?.confirmedAt === "number";
}
