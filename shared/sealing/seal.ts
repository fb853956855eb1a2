/**
 * Sealing to a node (nacl box with a fresh key pair: ephemeral public key ‖ nonce ‖ box) and
 * encryption at rest (nacl secretbox: nonce ‖ box). Randomness is handed in.
 */
import nacl from "tweetnacl";
import { timingSafeEqual } from "node:crypto";
import { SkerryError } from "../errors.ts";

/** Fills `length` bytes from a random source that is fit for keys. */
export type RandomBytes = (length: number) => Uint8Array;

const KEY = 32;
const NONCE = 24;

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Seals several messages to one node. Only the holder of the secret key opens them. */
export type Sealer = (message: Uint8Array) => Uint8Array<ArrayBuffer>;

/**
 * A sealer with one fresh key pair for all its messages, each with a nonce of its own: making the
 * pair and agreeing on a key is what takes time. Nothing is computed before the first message.
 */
export function createSealer(publicKey: Uint8Array, random: RandomBytes): Sealer {
  let agreed: { readonly ephemeral: Uint8Array; readonly key: Uint8Array } | null = null;
  return (message) => {
    if (agreed === null) {
      const pair = nacl.box.keyPair.fromSecretKey(random(KEY));
      agreed = { ephemeral: pair.publicKey, key: nacl.box.before(publicKey, pair.secretKey) };
    }
    const nonce = random(NONCE);
    return concat(agreed.ephemeral, nonce, nacl.box.after(message, nonce, agreed.key));
  };
}

/** Seals one message. Each call gives other bytes. */
export function sealTo(
  publicKey: Uint8Array,
  message: Uint8Array,
  random: RandomBytes,
): Uint8Array<ArrayBuffer> {
  return createSealer(publicKey, random)(message);
}

/** Opens what {@link sealTo} made; error `cannot_open` where key or content do not fit. */
export function openSealed(secretKey: Uint8Array, sealed: Uint8Array): Uint8Array {
  const opened = sealed.length < KEY + NONCE ? null : nacl.box.open(
    sealed.subarray(KEY + NONCE),
    sealed.subarray(KEY, KEY + NONCE),
    sealed.subarray(0, KEY),
    secretKey,
  );
  if (opened !== null) return opened;
  throw new SkerryError(
    "cannot_open",
    "a sealed value does not open with this node's key",
    "The node's keys were replaced: join it again.",
  );
}

/** Encrypts for the disk under a master key of 32 bytes. */
export function encryptAtRest(
  masterKey: Uint8Array,
  message: Uint8Array,
  random: RandomBytes,
): Uint8Array<ArrayBuffer> {
  const nonce = random(NONCE);
  return concat(nonce, nacl.secretbox(message, nonce, masterKey));
}

/** Reads what {@link encryptAtRest} wrote; error `wrong_master_key` where it does not fit. */
export function decryptAtRest(masterKey: Uint8Array, stored: Uint8Array): Uint8Array {
  const opened = stored.length < NONCE
    ? null
    : nacl.secretbox.open(stored.subarray(NONCE), stored.subarray(0, NONCE), masterKey);
  if (opened !== null) return opened;
  throw new SkerryError(
    "wrong_master_key",
    "a stored secret does not open with this control plane's master key",
    "Put the master key that belongs to this database back in its keys folder.",
  );
}

/** Compares in a time that does not depend on where they differ. */
export function equalSecrets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
