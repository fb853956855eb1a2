/** Codes for when the app that makes one-time codes is lost: each is used once. */
import { type ControlKeys, keyedHash } from "../keys.ts";
import type { RandomBytes } from "../../shared/sealing/seal.ts";

const COUNT = 10;
const LENGTH = 12;
/** Without those that look like others. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

/** Fresh codes, as they are shown: `abcd-efgh-jkmn`. */
export function makeRecoveryCodes(random: RandomBytes): string[] {
  return Array.from({ length: COUNT }, () => {
    let letters = "";
    while (letters.length < LENGTH) {
      for (const byte of random(LENGTH)) {
        // A byte beyond the last whole round would favour the first letters.
        const fair = byte < Math.floor(256 / LETTERS.length) * LETTERS.length;
        if (fair && letters.length < LENGTH) letters += LETTERS[byte % LETTERS.length];
      }
    }
    return (letters.match(/.{4}/g) ?? []).join("-");
  });
}

/** As a code is stored: a database alone does not tell which ones there are. */
export function recoveryHash(keys: ControlKeys, code: string): string {
  return keyedHash(keys, "recovery code", code.toLowerCase().replace(/[\s-]/g, ""));
}
