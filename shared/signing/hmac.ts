/** HMAC-SHA-256 (RFC 2104) of many texts under one key: two hashes a text, no stream made for each. */
import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** Lower-case hex of a text's UTF-8 bytes. @param key at most 64 bytes */
export function hmacSha256(key: Uint8Array): (text: string) => string {
  if (key.length > BLOCK_BYTES) throw new RangeError(`a key of ${key.length} bytes`);
  const padded = (pad: number) =>
    Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (key[index] ?? 0) ^ pad);
  const inside = padded(0x36);
  const outside = new Uint8Array(BLOCK_BYTES + HASH_BYTES);
  outside.set(padded(0x5c));
  const encoder = new TextEncoder();
  return (text) => {
    const content = encoder.encode(text);
    const inner = new Uint8Array(BLOCK_BYTES + content.length);
    inner.set(inside);
    inner.set(content, BLOCK_BYTES);
    outside.set(hash("sha256", inner, "buffer"), BLOCK_BYTES);
    return hash("sha256", outside, "hex");
  };
}
