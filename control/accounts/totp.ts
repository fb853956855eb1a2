/** One-time codes by time (RFC 6238 over RFC 4226): six digits, steps of 30 s, HMAC-SHA-1. Pure. */
import { createHmac } from "node:crypto";

/** Bytes of a secret, as RFC 4226 recommends. */
export const TOTP_SECRET_BYTES = 20;
const STEP_MS = 30_000;
const DIGITS = 6;

/** The step that a time lies in. */
export function stepAt(timeMs: number): number {
  return Math.floor(timeMs / STEP_MS);
}

/** The code of one step. */
export function codeOf(
  secret: Uint8Array,
  step: number,
  { digits = DIGITS, hash = "sha1" }: {
    readonly digits?: number;
    readonly hash?: "sha1" | "sha256" | "sha512";
  } = {},
): string {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = createHmac(hash, secret).update(new Uint8Array(counter.buffer)).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/**
 * The step whose code this is, the nearest to now first; null: none. Steps up to `lastStep` were
 * used, or passed over, and are not taken.
 */
export function matchStep(
  secret: Uint8Array,
  code: string,
  { now, windowSteps, lastStep }: {
    readonly now: number;
    readonly windowSteps: number;
    readonly lastStep: number;
  },
): number | null {
  const typed = code.replace(/[\s-]/g, "");
  if (!/^\d{6}$/.test(typed)) return null;
  const current = stepAt(now);
  let found: number | null = null;
  // All are looked at, so that the time tells nothing of the one that fits.
  for (let distance = windowSteps; distance >= 0; distance--) {
    for (const step of [current + distance, current - distance]) {
      if (step >= 0 && codeOf(secret, step) === typed && step > lastStep) found = step;
    }
  }
  return found;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

/** What apps that make codes read, mostly as a QR code. */
export function otpauthUri(secret: Uint8Array, account: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const query = new URLSearchParams({ secret: base32(secret), issuer }).toString();
  return `otpauth://totp/${label}?${query.replaceAll("+", "%20")}`;
}
