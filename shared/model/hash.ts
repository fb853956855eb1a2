/** SHA-256 and RFC 8785 bytes: what is hashed and signed is always these bytes, never a re-rendering. */
import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import { z } from "zod";

/** Lower-case hex SHA-256 of a blob; also its name. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hex")
  .brand<"sha256">();
export type Sha256 = z.infer<typeof Sha256>;

/** The SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function sha256(content: Uint8Array | string): Sha256 {
  return Sha256.parse(createHash("sha256").update(content).digest("hex"));
}

/** The RFC 8785 (JSON Canonicalization Scheme) text of a JSON value. Throws on `undefined` and functions. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("cannot canonicalise undefined");
  return text;
}
