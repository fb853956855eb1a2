import assert from "node:assert/strict";
import { EpochId, KeyId, makeId, NodeId } from "../model/ids.ts";
import type { Manifest } from "../model/manifest.ts";
import nacl from "tweetnacl";
import {
  openManifest,
  signBytes,
  signingKeyFromSeed,
  signManifest,
  verifyBytes,
} from "./ed25519.ts";

const random = new Uint8Array(32).fill(7);
const key = signingKeyFromSeed(KeyId.parse(makeId("key", random)), random);
const other = signingKeyFromSeed(key.id, new Uint8Array(32).fill(8));
const manifest: Manifest = {
  schema: 1,
  node: NodeId.parse(makeId("nod", random)),
  epoch: { n: 1, id: EpochId.parse(makeId("ep", random)) },
  revision: 3,
  keyId: key.id,
  sections: [],
  files: [],
};

Deno.test("a signed manifest opens with the right key alone", () => {
  const signed = signManifest(key, manifest);
  assert.deepEqual(openManifest(signed, new Map([[key.id, key.publicKey]])), manifest);
  assert.throws(() => openManifest(signed, new Map([[key.id, other.publicKey]])), {
    code: "bad_signature",
  });
  assert.throws(() => openManifest(signed, new Map()), { code: "unknown_key" });
});

Deno.test("a changed payload is refused", () => {
  const signed = signManifest(key, manifest);
  const changed = { ...signed, payload: signManifest(key, { ...manifest, revision: 4 }).payload };
  assert.throws(() => openManifest(changed, new Map([[key.id, key.publicKey]])), {
    code: "bad_signature",
  });
});

Deno.test("signatures are those of tweetnacl, and odd input is a wrong signature", () => {
  const message = new TextEncoder().encode("hello");
  const signature = signBytes(key, message);
  assert.deepEqual(signature, nacl.sign.detached(message, key.secretKey));
  assert.equal(verifyBytes(key.publicKey, message, signature), true);
  assert.equal(verifyBytes(key.publicKey, message, signature.subarray(1)), false);
  assert.equal(verifyBytes(new Uint8Array(31), message, signature), false);
  assert.equal(verifyBytes(new Uint8Array(32).fill(255), message, signature), false);
});
