/**
 * Passwords by scrypt. One is worked on at a time, since each takes 128 MiB and a core for as long
 * as it runs; who comes when too many wait is sent away.
 */
import { scrypt } from "node:crypto";
import { SkerryError } from "../../shared/errors.ts";
import { equalSecrets, type RandomBytes } from "../../shared/sealing/seal.ts";
import { decodeBase64, encodeBase64 } from "../../shared/signing/base64.ts";

/** What a hash costs; memory is 128 · 2^logN · r bytes. */
export interface PasswordCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's recommendation: 128 MiB, and about half a second on a small box. */
export const PASSWORD_COST: PasswordCost = { logN: 17, r: 8, p: 1 };

/** So many may wait; each has to wait for all before it. */
const MAX_WAITING = 8;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

export interface Passwords {
  /** A hash with its salt and parameters, as it is stored. */
  hash(password: string): Promise<string>;
  /**
   * Null stands for an account that is not there, or has no password: it takes as long.
   * `outdated`: it is right, and was hashed with other parameters than today's.
   */
  verify(stored: string | null, password: string): Promise<"right" | "outdated" | "wrong">;
}

const STORED = /^scrypt\$(\d{1,2})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

interface Stored {
  readonly cost: PasswordCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

function parse(text: string): Stored {
  const [, logN, r, p, salt, hash] = STORED.exec(text) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new SkerryError(
      "password_unreadable",
      "a stored password is not as this program wrote it",
      "Reset the account: `skerry user reset NAME` on the box.",
    );
  }
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: decodeBase64(salt),
    hash: decodeBase64(hash),
  };
}

function derive(password: string, salt: Uint8Array, cost: PasswordCost): Promise<Uint8Array> {
  const { logN, r, p } = cost;
  const options = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r };
  return new Promise((resolve, reject) => {
    // Equal texts may be typed as other characters on another keyboard.
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, hash) => {
      if (error === null) resolve(new Uint8Array(hash));
      else reject(error);
    });
  });
}

/** Error of both: `login_busy`. */
export function createPasswords(
  { random, cost = PASSWORD_COST }: {
    readonly random: RandomBytes;
    readonly cost?: PasswordCost | undefined;
  },
): Passwords {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= MAX_WAITING) {
      return Promise.reject(
        new SkerryError(
          "login_busy",
          "too many passwords are being checked at the moment",
          "Try again in a few seconds.",
        ),
      );
    }
    waiting++;
    const done = last.then(work).finally(() => waiting--);
    last = done.catch(() => undefined);
    return done;
  }
  return {
    async hash(password) {
      const salt = random(SALT_BYTES);
      const hash = await inTurn(() => derive(password, salt, cost));
      const { logN, r, p } = cost;
      return `scrypt$${logN}$${r}$${p}$${encodeBase64(salt)}$${encodeBase64(hash)}`;
    },
    async verify(stored, password) {
      if (stored === null) {
        await inTurn(() => derive(password, random(SALT_BYTES), cost));
        return "wrong";
      }
      const known = parse(stored);
      const hash = await inTurn(() => derive(password, known.salt, known.cost));
      if (!equalSecrets(hash, known.hash)) return "wrong";
      const { logN, r, p } = known.cost;
      return logN === cost.logN && r === cost.r && p === cost.p ? "right" : "outdated";
    },
  };
}
