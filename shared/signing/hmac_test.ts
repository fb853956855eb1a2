import { strictEqual, throws } from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { hmacSha256 } from "./hmac.ts";

Deno.test("equals node's own for any key and text, again and again", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 64 }),
    fc.array(fc.string({ unit: "grapheme" })),
    (key, texts) => {
      const hmac = hmacSha256(key);
      for (const text of texts) {
        strictEqual(hmac(text), createHmac("sha256", key).update(text).digest("hex"));
      }
    },
  ));
});

Deno.test("a longer key is refused", () => {
  throws(() => hmacSha256(new Uint8Array(65)));
});
