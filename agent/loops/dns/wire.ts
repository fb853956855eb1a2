/**
 * DNS messages on the wire (RFC 1035 section 4, EDNS0 of RFC 6891). A query is read into a record
 * that is used again for every packet, because the server reads a hundred thousand of them a
 * second. Nothing here throws, whatever the bytes.
 */

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;
export const CLASS_IN = 1;
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

export const HEADER_BYTES = 12;
/** What a UDP answer may hold without EDNS0 (RFC 1035 section 2.3.4). */
export const PLAIN_UDP_BYTES = 512;
/** What we offer and send at most over UDP: fits an IPv6 minimum MTU (DNS flag day 2020). */
export const EDNS_UDP_BYTES = 1232;
/** An OPT record without options. */
export const OPT_BYTES = 11;
const MAX_NAME_BYTES = 255;
const MAX_LABELS = 128;

/** Bits of the second 16 bits of a header. */
export const FLAG = { QR: 0x8000, AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, CD: 0x0010 };

/** One query as it was read; {@link readQuery} writes all of it anew. */
export interface Query {
  id: number;
  flags: number;
  /** The name in lower case as on the wire, root label included; valid up to `nameLength`. */
  readonly name: Uint8Array;
  nameLength: number;
  /** FNV-1a of the name, 30 bits, as {@link hashName} gives it. */
  hash: number;
  /** Where each label begins in `name`; valid up to `labelCount`, the root label not counted. */
  readonly labels: Uint8Array;
  labelCount: number;
  type: number;
  class: number;
  /** Offset in the packet of the first byte after the question. */
  questionEnd: number;
  edns: boolean;
  /** DNSSEC OK: copied into the answer (RFC 3225 section 3). */
  dnssecOk: boolean;
  /** Bytes that the asker takes over UDP, within what we send. */
  udpBytes: number;
}

/** A record for {@link readQuery} to fill. */
export function createQuery(): Query {
  return {
    id: 0,
    flags: 0,
    name: new Uint8Array(MAX_NAME_BYTES + 1),
    nameLength: 0,
    hash: 0,
    labels: new Uint8Array(MAX_LABELS),
    labelCount: 0,
    type: 0,
    class: 0,
    questionEnd: 0,
    edns: false,
    dnssecOk: false,
    udpBytes: PLAIN_UDP_BYTES,
  };
}

/**
 * What a packet is. `ignore`: an answer, or too short to be answered; `badvers`: an EDNS version
 * that we do not speak; `badclass`: well-formed, but not of class IN.
 */
export type QueryKind = "query" | "ignore" | "formerr" | "notimp" | "badvers" | "badclass";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The hash of a lower-case wire name: a small integer, so that it is a cheap Map key. */
export function hashName(name: Uint8Array, length: number): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (name[i] ?? 0), FNV_PRIME);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

/** Reads the first `length` bytes of a packet. Never throws. */
export function readQuery(query: Query, packet: Uint8Array, length: number): QueryKind {
  query.questionEnd = 0;
  query.edns = false;
  query.dnssecOk = false;
  query.udpBytes = PLAIN_UDP_BYTES;
  if (length < 2) return "ignore";
  query.id = u16(packet, 0);
  query.flags = length >= 4 ? u16(packet, 2) : 0;
  if (length > 2 && ((packet[2] ?? 0) & 0x80) !== 0) return "ignore";
  if (length < HEADER_BYTES) return "formerr";
  if ((query.flags & 0x7800) !== 0) return "notimp";
  if (u16(packet, 4) !== 1) return "formerr";
  if (!readName(query, packet, length)) return "formerr";
  let at = HEADER_BYTES + query.nameLength;
  if (at + 4 > length) return "formerr";
  query.type = u16(packet, at);
  query.class = u16(packet, at + 2);
  at += 4;
  const additional = u16(packet, 10);
  if (u16(packet, 6) !== 0 || u16(packet, 8) !== 0 || additional > 8) {
    return "formerr";
  }
  query.questionEnd = at;
  if (additional !== 0) {
    const kind = readAdditional(query, packet, length, at, additional);
    if (kind !== "query") {
      if (kind === "formerr") query.questionEnd = 0;
      return kind;
    }
  }
  return query.class === CLASS_IN ? "query" : "badclass";
}

/** The question's name: no compression there, since nothing comes before it to point at. */
function readName(query: Query, packet: Uint8Array, length: number): boolean {
  const name = query.name;
  let at = HEADER_BYTES;
  let out = 0;
  let labels = 0;
  let hash = FNV_OFFSET;
  for (;;) {
    if (at >= length) return false;
    const size = packet[at++] ?? 0;
    if (size > 63 || out + size + 1 > MAX_NAME_BYTES || at + size > length) return false;
    if (size !== 0) query.labels[labels++] = out;
    name[out++] = size;
    hash = Math.imul(hash ^ size, FNV_PRIME);
    if (size === 0) break;
    for (const end = at + size; at < end; at++) {
      let byte = packet[at] ?? 0;
      if (byte >= 65 && byte <= 90) byte |= 32;
      name[out++] = byte;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
  }
  query.nameLength = out;
  query.labelCount = labels;
  query.hash = (hash ^ (hash >>> 15)) & 0x3fffffff;
  return true;
}

/** Walks the additional section for the one OPT record (RFC 6891 section 6.1.1). */
function readAdditional(
  query: Query,
  packet: Uint8Array,
  length: number,
  start: number,
  count: number,
): QueryKind {
  let at = start;
  let version = 0;
  for (let i = 0; i < count; i++) {
    const nameStart = at;
    at = skipName(packet, length, at);
    if (at < 0 || at + 10 > length) return "formerr";
    const next = at + 10 + u16(packet, at + 8);
    if (next > length) return "formerr";
    if (u16(packet, at) === TYPE.OPT) {
      if (query.edns || packet[nameStart] !== 0) return "formerr";
      query.edns = true;
      const offered = u16(packet, at + 2);
      query.udpBytes = Math.min(EDNS_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, offered));
      version = packet[at + 5] ?? 0;
      query.dnssecOk = ((packet[at + 6] ?? 0) & 0x80) !== 0;
    }
    at = next;
  }
  return version === 0 ? "query" : "badvers";
}

/** Offset after a name that begins at `at`, compressed or not; -1: it does not end within `length`. */
export function skipName(packet: Uint8Array, length: number, at: number): number {
  for (let labels = 0; labels <= MAX_LABELS; labels++) {
    if (at >= length) return -1;
    const size = packet[at] ?? 0;
    if (size === 0) return at + 1;
    if (size >= 0xc0) return at + 2 <= length ? at + 2 : -1;
    if (size > 63) return -1;
    at += size + 1;
  }
  return -1;
}

/** A big-endian 16-bit number; bytes beyond the end count as 0. */
export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** A big-endian 32-bit number, unsigned. */
export function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65_536 + u16(bytes, at + 2);
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value >>> 16);
  putU16(bytes, at + 2, value);
}

/**
 * The header of an answer, and the question with its case as asked (0x20) where one was read.
 * @returns the offset after them
 */
export function putHead(
  out: Uint8Array,
  query: Query,
  packet: Uint8Array,
  flags: number,
  rcode: number,
): number {
  putU16(out, 0, query.id);
  putU16(out, 2, FLAG.QR | (query.flags & 0x7800) | (query.flags & FLAG.RD) | flags | (rcode & 15));
  const end = query.questionEnd === 0 ? HEADER_BYTES : query.questionEnd;
  putU16(out, 4, query.questionEnd === 0 ? 0 : 1);
  for (let i = 6; i < HEADER_BYTES; i++) out[i] = 0;
  for (let i = HEADER_BYTES; i < end; i++) out[i] = packet[i] ?? 0;
  return end;
}

/** Appends our OPT record where the asker sent one; `rcode`'s upper bits go there. */
export function putOpt(out: Uint8Array, at: number, query: Query, rcode: number): number {
  if (!query.edns) return at;
  out[at] = 0;
  putU16(out, at + 1, TYPE.OPT);
  putU16(out, at + 3, EDNS_UDP_BYTES);
  out[at + 5] = rcode >>> 4;
  out[at + 6] = 0;
  putU16(out, at + 7, query.dnssecOk ? 0x8000 : 0);
  putU16(out, at + 9, 0);
  putU16(out, 10, 1);
  return at + OPT_BYTES;
}

/** An answer that is nothing but a response code. @returns its length */
export function putRcode(
  out: Uint8Array,
  query: Query,
  packet: Uint8Array,
  rcode: number,
  flags = 0,
): number {
  return putOpt(out, putHead(out, query, packet, flags, rcode), query, rcode);
}

/** A query for one name, with EDNS0. @param name a wire name */
export function buildQuery(question: {
  readonly id: number;
  readonly name: Uint8Array;
  readonly type: number;
  readonly class?: number;
  readonly flags: number;
  readonly edns: { readonly dnssecOk: boolean; readonly udpBytes: number } | null;
}): Uint8Array<ArrayBuffer> {
  const { name, edns } = question;
  const length = HEADER_BYTES + name.length + 4 + (edns === null ? 0 : OPT_BYTES);
  const packet = new Uint8Array(length);
  putU16(packet, 0, question.id);
  putU16(packet, 2, question.flags);
  putU16(packet, 4, 1);
  packet.set(name, HEADER_BYTES);
  const at = HEADER_BYTES + name.length;
  putU16(packet, at, question.type);
  putU16(packet, at + 2, question.class ?? CLASS_IN);
  if (edns !== null) {
    putU16(packet, 10, 1);
    putU16(packet, at + 5, TYPE.OPT);
    putU16(packet, at + 7, edns.udpBytes);
    putU16(packet, at + 11, edns.dnssecOk ? 0x8000 : 0);
  }
  return packet;
}
