/** As much of DER as our own certificates, and the purposes of others, need. Pure. */

export const SEQUENCE = 0x30;
const BOOLEAN = 0x01;
const OBJECT_ID = 0x06;

/** An element with its content. */
export function element(tag: number, content: readonly number[]): number[] {
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  if (length < 0x100) return [tag, 0x81, length, ...content];
  return [tag, 0x82, length >> 8, length & 0xff, ...content];
}

/** One that was read. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** In place of one that is not there. */
export const EMPTY: Element = { tag: 0, content: new Uint8Array() };

/** The elements that stand one after the other. */
export function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 1 < bytes.length;) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    at += 2;
    if (length > 0x80) {
      const count = length & 0x7f;
      length = bytes.subarray(at, at + count).reduce((sum, byte) => sum * 256 + byte, 0);
      at += count;
    }
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

/** The value of a certificate's extension by the bytes of its identifier; null: it has none. */
export function extensionOf(certificate: Uint8Array, oid: readonly number[]): Uint8Array | null {
  const head = [OBJECT_ID, oid.length, ...oid];
  const at = certificate.findIndex((_, index) =>
    head.every((byte, offset) => certificate[index + offset] === byte)
  );
  if (at < 0) return null;
  const [first, second] = elements(certificate.subarray(at + head.length));
  // Before it may stand whether it is critical.
  return (first?.tag === BOOLEAN ? second : first)?.content ?? null;
}

/** Are these bytes among those? */
export function holdsBytes(bytes: Uint8Array, searched: readonly number[]): boolean {
  return bytes.some((_, index) => searched.every((byte, offset) => bytes[index + offset] === byte));
}
