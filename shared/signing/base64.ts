/** Base64 with padding, as RFC 4648 section 4 has it. */

/** The text of bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/** The bytes of a text; throws a SyntaxError where it is no base64. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text);
}
