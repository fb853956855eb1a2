/** The name that a TLS client asks for, from the first bytes that it sends (RFC 8446, RFC 6066). Pure. */

export type Hello =
  /** It is TLS as far as it goes; more bytes are needed. */
  | { readonly kind: "more" }
  /** Null: the client names none, as where it was given an address. */
  | { readonly kind: "hello"; readonly serverName: string | null }
  /** It is no TLS. */
  | { readonly kind: "other" };

/** A first message that is longer is looked into no further. */
export const MAX_HELLO_BYTES = 16 << 10;

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 0x01;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const NAMELESS: Hello = { kind: "hello", serverName: null };

/** What the first bytes of a connection say. */
export function readHello(bytes: Uint8Array): Hello {
  if (bytes.length === 0) return { kind: "more" };
  if (bytes[0] !== HANDSHAKE) return { kind: "other" };
  const { body, whole } = handshakeBytes(bytes);
  if (body.length < 4) return whole ? NAMELESS : { kind: "more" };
  if (body[0] !== CLIENT_HELLO) return NAMELESS;
  const length = number(body, 1, 3);
  if (body.length < 4 + length) {
    return bytes.length >= MAX_HELLO_BYTES ? NAMELESS : { kind: "more" };
  }
  return { kind: "hello", serverName: serverNameIn(body.subarray(4, 4 + length)) };
}

/** A message may be cut over several records. */
function handshakeBytes(bytes: Uint8Array): { body: Uint8Array; whole: boolean } {
  const parts: Uint8Array[] = [];
  let at = 0;
  let whole = false;
  while (at + 5 <= bytes.length && bytes[at] === HANDSHAKE) {
    const end = at + 5 + number(bytes, at + 3, 2);
    parts.push(bytes.subarray(at + 5, end));
    at = end;
    whole = at < bytes.length && bytes[at] !== HANDSHAKE;
    if (end >= bytes.length) break;
  }
  const body = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    body.set(part, filled);
    filled += part.length;
  }
  return { body, whole };
}

function serverNameIn(hello: Uint8Array): string | null {
  // Version, random.
  let at = 34;
  at += 1 + number(hello, at, 1);
  at += 2 + number(hello, at, 2);
  at += 1 + number(hello, at, 1);
  const end = Math.min(hello.length, at + 2 + number(hello, at, 2));
  at += 2;
  while (at + 4 <= end) {
    const type = number(hello, at, 2);
    const length = number(hello, at + 2, 2);
    at += 4;
    if (type === SERVER_NAME && length >= 5 && hello[at + 2] === HOST_NAME) {
      const name = hello.subarray(at + 5, Math.min(end, at + 5 + number(hello, at + 3, 2)));
      const text = String.fromCharCode(...name).toLowerCase();
      return /^[a-z0-9._-]{1,253}$/.test(text) ? text : null;
    }
    at += length;
  }
  return null;
}

/** Missing bytes count as zero. */
function number(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) value = value * 256 + (bytes[index] ?? 0);
  return value;
}
