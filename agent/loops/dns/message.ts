/** Reading an upstream's answer just as far as a cache needs: sections, lifetimes, its OPT record. */
import { FLAG, HEADER_BYTES, RCODE, skipName, TYPE, u16, u32 } from "./wire.ts";

/** An answer in a form that serves many askers: the ID, the question's case and the TTLs are theirs. */
export interface Answer {
  /** Without OPT and what came after it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the question ends and the records begin. */
  readonly questionEnd: number;
  /** Where each record's TTL stands. */
  readonly ttlOffsets: readonly number[];
  /** How long it may be kept; null: not at all. */
  readonly ttlSeconds: number | null;
  readonly rcode: number;
  readonly truncated: boolean;
}

const MAX_RECORDS = 2_000;
const MAX_TTL_SECONDS = 86_400;
const MAX_NEGATIVE_TTL_SECONDS = 900;

/**
 * Checks that `packet` answers the question of `query` (RFC 5452 section 9) and reads it.
 * @param id the query's ID on the way upstream
 * @returns null: not an answer to that, or malformed
 */
export function readAnswer(
  packet: Uint8Array,
  id: number,
  query: Uint8Array,
  questionEnd: number,
): Answer | null {
  const length = packet.length;
  if (length < questionEnd || u16(packet, 0) !== id) return null;
  const flags = u16(packet, 2);
  if ((flags & FLAG.QR) === 0 || (flags & 0x7800) !== 0 || u16(packet, 4) !== 1) return null;
  for (let i = HEADER_BYTES; i < questionEnd; i++) {
    if (lower(packet[i] ?? 0) !== lower(query[i] ?? 0)) return null;
  }
  const answers = u16(packet, 6);
  const authorities = u16(packet, 8);
  const additionals = u16(packet, 10);
  const total = answers + authorities + additionals;
  if (total > MAX_RECORDS) return null;
  const ttlOffsets: number[] = [];
  let lifetime = MAX_TTL_SECONDS;
  let negative: number | null = null;
  let at = questionEnd;
  let kept = 0;
  for (let i = 0; i < total; i++) {
    const fixed = skipName(packet, length, at);
    if (fixed < 0 || fixed + 10 > length) return null;
    const end = fixed + 10 + u16(packet, fixed + 8);
    if (end > length) return null;
    const type = u16(packet, fixed);
    if (type === TYPE.OPT) break;
    const ttl = sane(u32(packet, fixed + 4));
    lifetime = Math.min(lifetime, ttl);
    if (type === TYPE.SOA && i >= answers && i < answers + authorities && end - fixed >= 32) {
      negative = Math.min(ttl, sane(u32(packet, end - 4)), MAX_NEGATIVE_TTL_SECONDS);
    }
    ttlOffsets.push(fixed + 4);
    at = end;
    kept = i + 1;
  }
  const bytes = new Uint8Array(at);
  bytes.set(packet.subarray(0, at));
  const left = Math.max(0, kept - answers - authorities);
  bytes[10] = left >>> 8;
  bytes[11] = left;
  const rcode = flags & 15;
  const positive = rcode === RCODE.NOERROR && answers > 0;
  const keepable = positive ? lifetime : negative;
  const truncated = (flags & FLAG.TC) !== 0;
  const known = !truncated && (rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN);
  return {
    bytes,
    questionEnd,
    ttlOffsets,
    ttlSeconds: known && kept >= answers + authorities ? keepable : null,
    rcode,
    truncated,
  };
}

/** A TTL with its top bit set counts as 0 (RFC 2181 section 8). */
function sane(ttl: number): number {
  return ttl >= 0x8000_0000 ? 0 : ttl;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte | 32 : byte;
}
