/** What logins are made of, beside what is stored. */
import type { Clock } from "../../shared/clock.ts";
import type { RandomBytes } from "../../shared/sealing/seal.ts";
import { createLoginLimits, type LoginLimits } from "./limits.ts";
import { createPasswords, type PasswordCost, type Passwords } from "./passwords.ts";
import { createRevocations, type Revocations } from "./revocations.ts";

export interface LoginParts {
  readonly passwords: Passwords;
  readonly limits: LoginLimits;
  readonly revocations: Revocations;
}

/** @param cost of a password's hash; absent: today's */
export function createLoginParts(deps: {
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly cost?: PasswordCost | undefined;
}): LoginParts {
  return {
    passwords: createPasswords(deps),
    limits: createLoginLimits(deps.clock),
    revocations: createRevocations(),
  };
}
