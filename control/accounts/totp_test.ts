import assert from "node:assert/strict";
import fc from "fast-check";
import { base32, codeOf, matchStep, otpauthUri, stepAt } from "./totp.ts";

const text = (value: string) => new TextEncoder().encode(value);
const SHA1 = text("12345678901234567890");
const SHA256 = text("12345678901234567890123456789012");
const SHA512 = text("1234567890123456789012345678901234567890123456789012345678901234");

Deno.test("the vectors of RFC 6238, appendix B", () => {
  const vectors: [number, string, string, string][] = [
    [59, "94287082", "46119246", "90693936"],
    [1_111_111_109, "07081804", "68084774", "25091201"],
    [1_111_111_111, "14050471", "67062674", "99943326"],
    [1_234_567_890, "89005924", "91819424", "93441116"],
    [2_000_000_000, "69279037", "90698825", "38618901"],
    [20_000_000_000, "65353130", "77737706", "47863826"],
  ];
  for (const [seconds, sha1, sha256, sha512] of vectors) {
    const step = stepAt(seconds * 1000);
    assert.equal(codeOf(SHA1, step, { digits: 8 }), sha1);
    assert.equal(codeOf(SHA256, step, { digits: 8, hash: "sha256" }), sha256);
    assert.equal(codeOf(SHA512, step, { digits: 8, hash: "sha512" }), sha512);
    assert.equal(codeOf(SHA1, step), sha1.slice(2));
  }
});

Deno.test("the vectors of RFC 4226, appendix D", () => {
  const codes = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");
  codes.forEach((code, step) => assert.equal(codeOf(SHA1, step), code));
});

Deno.test("the vectors of RFC 4648 for base32, without padding", () => {
  const vectors = ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"];
  vectors.forEach((encoded, length) => {
    assert.equal(base32(text("foobar".slice(0, length))), encoded);
  });
  assert.equal(
    otpauthUri(SHA1, "ada@plant", "Skerry box"),
    "otpauth://totp/Skerry%20box:ada%40plant?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" +
      "&issuer=Skerry%20box",
  );
});

Deno.test("a code is taken within the window alone, and none up to the last step that was used", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1_000, max: 100_000_000 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: -25, max: 25 }),
    fc.integer({ min: -30, max: 30 }),
    (current, windowSteps, offset, used) => {
      const step = current + offset;
      const found = matchStep(SHA1, codeOf(SHA1, step), {
        now: current * 30_000 + 15_000,
        windowSteps,
        lastStep: current + used,
      });
      if (found !== null) {
        assert.ok(Math.abs(found - current) <= windowSteps);
        assert.ok(found > current + used);
        assert.equal(codeOf(SHA1, found), codeOf(SHA1, step));
      } else {
        assert.ok(Math.abs(offset) > windowSteps || step <= current + used);
      }
    },
  ));
  for (const odd of ["", "12345", "1234567", "abcdef", "१२३४५६", "-755224"]) {
    const at = { now: 0, windowSteps: 1, lastStep: -1 };
    assert.equal(matchStep(SHA1, odd, at), odd === "-755224" ? 0 : null, odd);
  }
  assert.equal(matchStep(SHA1, " 755 224 ", { now: 0, windowSteps: 1, lastStep: -1 }), 0);
});
