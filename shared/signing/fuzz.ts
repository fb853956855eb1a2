/** Throws spoilt signature headers at the reader: each is refused as such, or is what was signed. */
import fc from "fast-check";
import nacl from "tweetnacl";
import { SkerryError } from "../errors.ts";
import { createSigner } from "./ed25519.ts";
import {
  contentDigest,
  HEADERS,
  readSignature,
  signatureHeaders,
  verifySignature,
} from "./request.ts";

const SEED = new Uint8Array(32).fill(9);
const NAMES = [HEADERS.counter, HEADERS.digest, HEADERS.input, HEADERS.signature];

/** @returns how many were taken, each of them unchanged in what it says */
export function fuzzSignatures(options: { runs: number; seed: number }): { taken: number } {
  const { publicKey } = nacl.sign.keyPair.fromSeed(SEED);
  const parts = {
    method: "POST",
    authority: "localhost",
    path: "/api/v1/agent/status",
    query: "",
    contentDigest: contentDigest(new Uint8Array([1])),
    counter: 77n,
  };
  const signer = { keyId: "key_aaaaaaaaaaaaaaaaaaaaaaaaaa", sign: createSigner(SEED) };
  const good = signatureHeaders(signer, parts, 1_800_000_000);
  const piece = fc.oneof(
    fc.stringMatching(/^[ -~]{0,6}$/),
    fc.constantFrom('"', ";", "(", ")", '"@method" ', ';keyid="x"', "sig=", ":", "9".repeat(30)),
  );
  const change = fc.record({
    name: fc.constantFrom(...NAMES),
    at: fc.nat(400),
    removed: fc.nat(12),
    inserted: piece,
  });
  let taken = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const headers = new Headers(good);
      for (const { name, at, removed, inserted } of changes) {
        const text = headers.get(name) ?? "";
        const from = at % (text.length + 1);
        headers.set(name, text.slice(0, from) + inserted + text.slice(from + removed));
      }
      try {
        const read = readSignature(headers);
        const digest = headers.get(HEADERS.digest);
        const sent = { ...parts, contentDigest: digest, counter: read.counter };
        verifySignature(read, sent, publicKey, ["localhost"]);
      } catch (thrown) {
        if (thrown instanceof SkerryError && thrown.code === "bad_signature") return;
        throw thrown;
      }
      taken += 1;
      // A signature's text may differ in bits that base64 leaves unused; all else is signed.
      for (const name of [HEADERS.counter, HEADERS.digest, HEADERS.input]) {
        if (headers.get(name) !== good[name]) throw new Error(`a changed ${name} was taken`);
      }
    }),
    { numRuns: options.runs, seed: options.seed },
  );
  return { taken };
}
