/** Numbers of varying length in bytes, seven bits a byte. Pure. */

export interface ByteWriter {
  byte(value: number): void;
  /** A whole number from 0 to 2^53. */
  number(value: number): void;
  /** A whole number between -2^31 and 2^31. */
  signed(value: number): void;
  bytes(value: Uint8Array): void;
  readonly length: number;
  done(): Uint8Array<ArrayBuffer>;
}

export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(256);
  let length = 0;
  function room(more: number): void {
    if (length + more <= buffer.length) return;
    const grown = new Uint8Array(Math.max(buffer.length * 2, length + more));
    grown.set(buffer);
    buffer = grown;
  }
  function number(value: number): void {
    room(8);
    let left = value;
    while (left >= 128) {
      buffer[length++] = left % 128 + 128;
      left = Math.floor(left / 128);
    }
    buffer[length++] = left;
  }
  return {
    byte(value) {
      room(1);
      buffer[length++] = value;
    },
    number,
    signed: (value) => number(value < 0 ? -2 * value - 1 : 2 * value),
    bytes(value) {
      room(value.length);
      buffer.set(value, length);
      length += value.length;
    },
    get length() {
      return length;
    },
    done: () => buffer.slice(0, length),
  };
}

export interface ByteReader {
  byte(): number;
  number(): number;
  signed(): number;
  bytes(length: number): Uint8Array;
  skip(length: number): void;
  readonly at: number;
}

/** Throws a RangeError where the bytes end before the number does, or it is too large. */
export function createByteReader(buffer: Uint8Array): ByteReader {
  let at = 0;
  function byte(): number {
    const value = buffer[at];
    if (value === undefined) throw new RangeError("the bytes end too early");
    at += 1;
    return value;
  }
  function number(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const next = byte();
      value += next % 128 * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError("a number is too large");
      if (next < 128) return value;
    }
  }
  function skip(length: number): void {
    if (length > buffer.length - at) throw new RangeError("the bytes end too early");
    at += length;
  }
  return {
    byte,
    number,
    signed() {
      const value = number();
      return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    },
    bytes(length) {
      const from = at;
      skip(length);
      return buffer.subarray(from, at);
    },
    skip,
    get at() {
      return at;
    },
  };
}
