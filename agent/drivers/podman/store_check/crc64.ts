/** CRC-64 of ISO 3309, as tar-split keeps it of each file. In halves: numbers have 53 bits. */

const POLY_HIGH = 0xd8000000;
const POLY_LOW = 0;

const TABLE: readonly (readonly [number, number])[] = Array.from({ length: 256 }, (_, index) => {
  let high = 0;
  let low = index;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd === 1) {
      high ^= POLY_HIGH;
      low ^= POLY_LOW;
    }
  }
  return [high >>> 0, low >>> 0] as const;
});
const HIGH = Uint32Array.from(TABLE, ([high]) => high);
const LOW = Uint32Array.from(TABLE, ([, low]) => low);

export interface Crc64 {
  update(bytes: Uint8Array): void;
  /** Base64 of its eight bytes, the highest first. */
  digest(): string;
}

export function createCrc64(): Crc64 {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(bytes) {
      for (const byte of bytes) {
        const at = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (LOW[at] ?? 0);
        high = (high >>> 8) ^ (HIGH[at] ?? 0);
      }
    },
    digest() {
      const bytes = new DataView(new ArrayBuffer(8));
      bytes.setUint32(0, ~high >>> 0);
      bytes.setUint32(4, ~low >>> 0);
      return new Uint8Array(bytes.buffer).toBase64();
    },
  };
}
