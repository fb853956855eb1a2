import assert from "node:assert/strict";
import fc from "fast-check";
import nacl from "tweetnacl";
import { createSigner } from "./ed25519.ts";
import {
  checkBody,
  contentDigest,
  HEADERS,
  isSigned,
  MAX_COUNTER,
  readSignature,
  signatureBase,
  signatureHeaders,
  type SignedParts,
  verifySignature,
} from "./request.ts";

const seed = new Uint8Array(32).fill(5);
const { publicKey } = nacl.sign.keyPair.fromSeed(seed);
const signer = { keyId: "key_aaaaaaaaaaaaaaaaaaaaaaaaaa", sign: createSigner(seed) };
const AUTHORITIES = ["localhost", "agent.skerry"];
const body = new TextEncoder().encode('{"hello": "world"}');

const PARTS: SignedParts = {
  method: "POST",
  authority: "localhost",
  path: "/api/v1/agent/status",
  query: "?wait=5",
  contentDigest: contentDigest(body),
  counter: 7n,
};

/** Throws unless `parts` are taken with these headers. */
function accept(headers: Record<string, string>, parts: SignedParts): void {
  const received = new Headers(headers);
  const read = readSignature(received);
  const contentDigest = received.get(HEADERS.digest);
  verifySignature(read, { ...parts, contentDigest, counter: read.counter }, publicKey, AUTHORITIES);
  checkBody(contentDigest, body);
}

Deno.test("a signed request, byte for byte", async () => {
  const headers = signatureHeaders(signer, PARTS, 1_800_000_000);
  const { covered, params } = readSignature(new Headers(headers));
  const base = new TextDecoder().decode(signatureBase(PARTS, covered, params));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const golden = new URL("./testdata/request.txt", import.meta.url);
  assert.equal(`${base}\n\n${lines.join("\n")}\n`, await Deno.readTextFile(golden));
});

Deno.test("the digest is that of RFC 9530, appendix D", () => {
  const digest = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
  assert.equal(contentDigest(body), digest);
});

const text = (pattern: RegExp) => fc.stringMatching(pattern);
const parts = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
  authority: fc.constantFrom(...AUTHORITIES),
  path: text(/^\/[a-z0-9%/]{0,20}$/),
  query: text(/^(\?[a-z=&%]{1,10})?$/),
  contentDigest: fc.constantFrom(contentDigest(body)),
  counter: fc.bigInt(0n, MAX_COUNTER),
});

Deno.test("what was signed is taken, with any change it is not", () => {
  fc.assert(fc.property(parts, parts, fc.nat(), (signed, sent, created) => {
    const headers = signatureHeaders(signer, signed, created);
    accept(headers, signed);
    for (const name of ["method", "authority", "path", "query"] as const) {
      if (sent[name] === signed[name]) continue;
      assert.throws(() => accept(headers, { ...signed, [name]: sent[name] }), {
        code: "bad_signature",
      });
    }
    if (sent.counter !== signed.counter) {
      const other = { ...headers, [HEADERS.counter]: String(sent.counter) };
      assert.throws(() => accept(other, signed), { code: "bad_signature" });
    }
  }));
});

Deno.test("another body, digest, key or date is refused", () => {
  const headers = signatureHeaders(signer, PARTS, 1);
  const { [HEADERS.digest]: _, ...without } = headers;
  const other = contentDigest(new Uint8Array([1]));
  assert.throws(() => accept({ ...headers, [HEADERS.digest]: other }, PARTS), {
    code: "bad_signature",
  });
  assert.throws(() => accept(without, PARTS), { code: "bad_signature" });
  assert.throws(() => checkBody(other, body), { code: "bad_digest" });
  assert.throws(() => checkBody(null, body), { code: "bad_digest" });
  checkBody(null, new Uint8Array());
  const later = (headers[HEADERS.input] ?? "").replace("created=1;", "created=2;");
  assert.throws(() => accept({ ...headers, [HEADERS.input]: later }, PARTS), {
    code: "bad_signature",
  });
  const stranger = { ...signer, sign: createSigner(new Uint8Array(32).fill(6)) };
  assert.throws(() => accept(signatureHeaders(stranger, PARTS, 1), PARTS), {
    code: "bad_signature",
  });
  assert.throws(
    () =>
      accept(signatureHeaders(signer, { ...PARTS, authority: "x" }, 1), {
        ...PARTS,
        authority: "x",
      }),
    { code: "bad_signature" },
  );
});

Deno.test("a Content-Digest that the signature leaves out is refused", () => {
  const headers = signatureHeaders(signer, { ...PARTS, contentDigest: null }, 1);
  const digest = contentDigest(body);
  assert.throws(() => accept({ ...headers, [HEADERS.digest]: digest }, PARTS), {
    code: "bad_signature",
  });
});

Deno.test("odd headers are a clear error and never anything else", () => {
  const good = signatureHeaders(signer, PARTS, 1);
  const input = good[HEADERS.input] ?? "";
  for (
    const odd of [
      "",
      "sig=()",
      input.replace('"@method" ', ""),
      input.replace('"@method"', '"@method" "@method"'),
      input.replace('"@method"', '"@method" "date"'),
      input.replace("ed25519", "hmac-sha256"),
      input.replace(";created", ';keyid="x";created'),
      input.replace(/;keyid="[^"]*"/, ""),
      `${input}, other=()`,
      `${input}${"0".repeat(600)}`,
    ]
  ) {
    assert.throws(() => accept({ ...good, [HEADERS.input]: odd }, PARTS), {
      code: "bad_signature",
    }, odd);
  }
  for (const counter of ["", "-1", "1.5", "01", String(MAX_COUNTER + 1n), "9".repeat(40)]) {
    assert.throws(() => accept({ ...good, [HEADERS.counter]: counter }, PARTS), {
      code: "bad_signature",
    }, counter);
  }
  const ascii = fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map((n) => String.fromCharCode(n)),
  });
  fc.assert(fc.property(ascii, ascii, (one, two) => {
    const headers = { ...good, [HEADERS.input]: one, [HEADERS.signature]: two };
    assert.throws(() => accept(headers, PARTS), { code: "bad_signature" });
  }));
  assert.equal(isSigned(new Headers(good)), true);
  assert.equal(isSigned(new Headers({ [HEADERS.signature]: "x" })), true);
  assert.equal(isSigned(new Headers()), false);
});
