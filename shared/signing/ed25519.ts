/**
 * Ed25519 signatures (RFC 8032) over bytes, and over manifests. Signing and verifying are the
 * runtime's own, a hundred times as fast as tweetnacl's; the bytes are the same.
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import nacl from "tweetnacl";
import { canonicalJson } from "../model/hash.ts";
import type { KeyId } from "../model/ids.ts";
import { Manifest } from "../model/manifest.ts";
import type { SignedManifest } from "../model/manifest.ts";
import { SkerryError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";

/** A key that signs; `secretKey` has 64 bytes, of which the last 32 are the public key. */
export interface SigningKey {
  readonly id: KeyId;
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The key that a seed of 32 bytes stands for. */
export function signingKeyFromSeed(id: KeyId, seed: Uint8Array): SigningKey {
  const pair = nacl.sign.keyPair.fromSeed(seed);
  return { id, publicKey: pair.publicKey, secretKey: pair.secretKey };
}

/** DER before the 32 bytes of a seed (PKCS #8) and of a public key (SPKI), RFC 8410. */
const SEED_DER = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_DER = Buffer.from("302a300506032b6570032100", "hex");

/** 64 bytes over the message. */
export function signBytes(key: SigningKey, message: Uint8Array): Uint8Array {
  const der = Buffer.concat([SEED_DER, key.secretKey.subarray(0, 32)]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return new Uint8Array(sign(null, message, secret));
}

/** Signs with the key of a 32-byte seed again and again; the key is read once. */
export function createSigner(seed: Uint8Array): (message: Uint8Array) => Uint8Array {
  const der = Buffer.concat([SEED_DER, seed]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return (message) => new Uint8Array(sign(null, message, secret));
}

/** Never throws: a signature or key of a wrong length is a wrong signature. */
export function verifyBytes(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const der = Buffer.concat([PUBLIC_DER, publicKey]);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    return verify(null, message, key, signature);
  } catch {
    // A point that is not on the curve signs nothing.
    return false;
  }
}

/** Signs a manifest's RFC 8785 bytes, which travel with it. */
export function signManifest(key: SigningKey, manifest: Manifest): SignedManifest {
  const payload = new TextEncoder().encode(canonicalJson(manifest));
  return {
    payload: encodeBase64(payload),
    signature: encodeBase64(signBytes(key, payload)),
    keyId: key.id,
  };
}

/**
 * The manifest that was signed. `keys`: the public keys that are trusted, by id. Errors:
 * `unknown_key`, `bad_signature`, `bad_manifest`.
 */
export function openManifest(
  signed: SignedManifest,
  keys: ReadonlyMap<KeyId, Uint8Array>,
): Manifest {
  const publicKey = keys.get(signed.keyId);
  if (publicKey === undefined) {
    throw new SkerryError(
      "unknown_key",
      `the manifest is signed with the key "${signed.keyId}", which this node does not trust`,
      "Join the node to this control plane again.",
    );
  }
  const payload = decodeBase64(signed.payload);
  if (!verifyBytes(publicKey, payload, decodeBase64(signed.signature))) {
    throw new SkerryError(
      "bad_signature",
      "the manifest's signature does not fit its content",
      "Nothing was taken over; look for a proxy that changes answers between the two.",
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(payload));
  } catch (cause) {
    throw new SkerryError("bad_manifest", "the signed manifest is no JSON", null, { cause });
  }
  const manifest = Manifest.safeParse(content);
  if (!manifest.success || manifest.data.keyId !== signed.keyId) {
    throw new SkerryError(
      "bad_manifest",
      "the signed manifest is of a form that this program does not know",
      "Upgrade skerry on this node.",
    );
  }
  return manifest.data;
}
