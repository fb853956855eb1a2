/** An upstream's answer made one asker's: its ID, its question's case, the time that is left. */
import type { Answer } from "./message.ts";
import {
  FLAG,
  HEADER_BYTES,
  OPT_BYTES,
  putOpt,
  putU16,
  putU32,
  type Query,
  RCODE,
  u16,
  u32,
} from "./wire.ts";

/** How an answer's age shows: its TTLs less the age, or the fixed TTL of a stale one. */
export type Age =
  | { readonly kind: "fresh"; readonly seconds: number }
  | { readonly kind: "stale"; readonly ttlSeconds: number };

/**
 * @param packet the asker's query
 * @param limitBytes what the asker takes; beyond it whole answer records go and TC is set
 */
export function renderAnswer(
  answer: Answer,
  query: Query,
  packet: Uint8Array,
  age: Age,
  limitBytes: number,
): Uint8Array<ArrayBuffer> {
  const { bytes, ttlOffsets } = answer;
  const out = new Uint8Array(bytes.length + OPT_BYTES);
  out.set(bytes);
  for (const at of ttlOffsets) {
    const ttl = u32(bytes, at);
    const left = age.kind === "fresh" ? Math.max(0, ttl - age.seconds) : age.ttlSeconds;
    putU32(out, at, left);
  }
  let length = bytes.length;
  let truncated = answer.truncated;
  const room = limitBytes - (query.edns ? OPT_BYTES : 0);
  if (length > room) {
    truncated = true;
    length = cut(out, answer, room);
  }
  putU16(out, 0, query.id);
  const flags = FLAG.QR | FLAG.RA | (query.flags & (FLAG.RD | FLAG.CD)) |
    (truncated ? FLAG.TC : 0);
  putU16(out, 2, flags | answer.rcode);
  for (let i = HEADER_BYTES; i < query.questionEnd; i++) out[i] = packet[i] ?? 0;
  return out.subarray(0, additionalAfter(out, length, query));
}

/** As many whole answer records as fit, and no other section. */
function cut(out: Uint8Array, answer: Answer, room: number): number {
  const { bytes, ttlOffsets, questionEnd } = answer;
  const answers = u16(bytes, 6);
  let length = questionEnd;
  let kept = 0;
  for (const at of ttlOffsets) {
    const end = at + 6 + u16(bytes, at + 4);
    if (kept >= answers || end > room) break;
    length = end;
    kept++;
  }
  putU16(out, 6, kept);
  putU16(out, 8, 0);
  putU16(out, 10, 0);
  return length;
}

/** Our OPT after the records that were kept, counted with them. */
function additionalAfter(out: Uint8Array, length: number, query: Query): number {
  if (!query.edns) return length;
  const before = u16(out, 10);
  const end = putOpt(out, length, query, RCODE.NOERROR);
  putU16(out, 10, before + 1);
  return end;
}
