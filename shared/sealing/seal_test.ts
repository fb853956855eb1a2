import assert from "node:assert/strict";
import nacl from "tweetnacl";
import {
  createSealer,
  decryptAtRest,
  encryptAtRest,
  equalSecrets,
  openSealed,
  sealTo,
} from "./seal.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const message = new TextEncoder().encode("correct horse");

Deno.test("what is sealed to a node opens with its key alone, and differs each time", () => {
  const node = nacl.box.keyPair();
  const sealed = sealTo(node.publicKey, message, random);
  assert.deepEqual(openSealed(node.secretKey, sealed), message);
  assert.notDeepEqual(sealTo(node.publicKey, message, random), sealed);
  assert.throws(() => openSealed(nacl.box.keyPair().secretKey, sealed), { code: "cannot_open" });
  assert.throws(() => openSealed(node.secretKey, sealed.subarray(0, 10)), { code: "cannot_open" });
});

Deno.test("encryption at rest opens with the master key alone", () => {
  const master = random(32);
  const stored = encryptAtRest(master, message, random);
  assert.deepEqual(decryptAtRest(master, stored), message);
  assert.throws(() => decryptAtRest(random(32), stored), { code: "wrong_master_key" });
});

Deno.test("secrets of different length are different", () => {
  assert.equal(equalSecrets(message, message.slice()), true);
  assert.equal(equalSecrets(message, message.subarray(1)), false);
});

Deno.test("one sealer seals many, each with a nonce of its own", () => {
  const node = nacl.box.keyPair();
  const seal = createSealer(node.publicKey, random);
  const [one, other] = [seal(message), seal(message)];
  assert.notDeepEqual(one, other);
  assert.deepEqual(openSealed(node.secretKey, one), message);
  assert.deepEqual(openSealed(node.secretKey, other), message);
});
