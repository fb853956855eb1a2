/** SHA-256 and RFC 8785 bytes: what is hashed and signed is always these bytes, never a re-rendering. */
import { hash } from "node:crypto";
import { z } from "zod";

export { canonicalJson } from "./canonical.ts";

/** Lower-case hex SHA-256 of a blob; also its name. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hex")
  .brand<"sha256">();
export type Sha256 = z.infer<typeof Sha256>;

/** The SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function sha256(content: Uint8Array | string): Sha256 {
  return Sha256.parse(hash("sha256", content, "hex"));
}
