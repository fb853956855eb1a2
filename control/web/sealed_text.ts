/** Texts that go to the browser in a form and come back: nobody but this process reads them. */
import { decryptAtRest, encryptAtRest, type RandomBytes } from "../../shared/sealing/seal.ts";

export interface SealedTexts {
  seal(text: string): string;
  /** Null: it is not of this process, or too old. */
  open(sealed: string): string | null;
}

const LIFETIME_MS = 300_000;
const KEY_BYTES = 32;

/** With a key that is made now and kept nowhere. */
export function createSealedTexts(now: () => number, random: RandomBytes): SealedTexts {
  const key = random(KEY_BYTES);
  return {
    seal(text) {
      const bytes = new TextEncoder().encode(JSON.stringify([now(), text]));
      return encryptAtRest(key, bytes, random).toBase64();
    },
    open(sealed) {
      try {
        const bytes = decryptAtRest(key, Uint8Array.fromBase64(sealed));
        const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
        if (!Array.isArray(value)) return null;
        const [at, text]: unknown[] = value;
        if (typeof at !== "number" || typeof text !== "string") return null;
        return Math.abs(now() - at) > LIFETIME_MS ? null : text;
      } catch {
        // Not sealed here.
        return null;
      }
    },
  };
}
