/** From a query and a view to the bytes of an answer: the path of every packet, so it allocates nothing. */
import { A_BYTES, type Authority, type Entry, findEntry, type View } from "./view.ts";
import { isUnder, reverseKind } from "./reverse.ts";
import {
  CLASS_IN,
  FLAG,
  HEADER_BYTES,
  OPT_BYTES,
  putHead,
  putOpt,
  putRcode,
  putU16,
  putU32,
  type Query,
  type QueryKind,
  RCODE,
  TYPE,
} from "./wire.ts";

/** The length that means: not ours to answer, forward it. */
export const FORWARD = -1;

/**
 * Writes the answer to `out`.
 * @param kind what readQuery said of the packet
 * @param limitBytes what the asker takes: `query.udpBytes`, or all of `out` over TCP
 * @returns its length; 0: say nothing; {@link FORWARD}: the name is not ours
 */
export function answer(
  view: View,
  query: Query,
  kind: QueryKind,
  packet: Uint8Array,
  out: Uint8Array,
  limitBytes: number,
): number {
  switch (kind) {
    case "ignore":
      return 0;
    case "formerr":
      return putRcode(out, query, packet, RCODE.FORMERR);
    case "notimp":
    case "badclass":
      return putRcode(out, query, packet, RCODE.NOTIMP);
    case "badvers":
      return putRcode(out, query, packet, RCODE.BADVERS);
    case "query":
      break;
  }
  if (view.elsewhere === "refused") return putRcode(out, query, packet, RCODE.REFUSED);
  if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) {
    return putRcode(out, query, packet, RCODE.REFUSED);
  }
  const entry = findEntry(view.entries, query);
  if (entry !== null) return putEntry(view, entry, query, packet, out, limitBytes);
  if (isUnder(query, view.zone.name)) {
    return putNegative(view, "zone", RCODE.NXDOMAIN, query, packet, out, limitBytes);
  }
  switch (reverseKind(query, view.zone.subnet)) {
    case "address":
      return putNegative(view, "reverse", RCODE.NXDOMAIN, query, packet, out, limitBytes);
    case "parent":
      return putNegative(view, "reverse", RCODE.NOERROR, query, packet, out, limitBytes);
    case "foreign":
      break;
  }
  // musl drops REFUSED and waits 5 s, glibc makes it "try again": NXDOMAIN ends the look-up at once
  // in both. A single label is never a public host, and asking the world for it would cost an
  // offline box the whole budget for every mistyped service.
  const bare = query.labelCount === 1 && (query.type === TYPE.A || query.type === TYPE.AAAA);
  if (view.elsewhere === "absent" || bare) {
    return putNegative(view, "none", RCODE.NXDOMAIN, query, packet, out, limitBytes);
  }
  return FORWARD;
}

/** RA where we forward for this asker. */
function available(view: View): number {
  return view.elsewhere === "forward" ? FLAG.RA : 0;
}

function putEntry(
  view: View,
  entry: Entry,
  query: Query,
  packet: Uint8Array,
  out: Uint8Array,
  limitBytes: number,
): number {
  if (query.type === TYPE.A || (query.type === TYPE.ANY && entry.addressCount > 0)) {
    if (entry.addressCount > 0) return putAddresses(view, entry, query, packet, out, limitBytes);
  } else {
    // ANY is answered with one of the record sets (RFC 8482 section 4.1).
    const records = query.type === TYPE.ANY
      ? entry.others.values().next().value
      : entry.others.get(query.type);
    if (records !== undefined) {
      const flags = FLAG.AA | available(view);
      let at = putHead(out, query, packet, flags, RCODE.NOERROR);
      const room = limitBytes - at - (query.edns ? OPT_BYTES : 0);
      if (records.answer.length > room) {
        return putRcode(out, query, packet, RCODE.NOERROR, flags | FLAG.TC);
      }
      out.set(records.answer, at);
      at += records.answer.length;
      putU16(out, 6, records.count);
      // What goes along may be left out without TC (RFC 2181 section 9).
      if (records.answer.length + records.additional.length > room) {
        return putOpt(out, at, query, 0);
      }
      out.set(records.additional, at);
      const end = putOpt(out, at + records.additional.length, query, 0);
      putU16(out, 10, records.additionalCount + (query.edns ? 1 : 0));
      return end;
    }
  }
  const { authority, negativeTtlSeconds } = entry;
  const code = RCODE.NOERROR;
  return putNegative(view, authority, code, query, packet, out, limitBytes, negativeTtlSeconds);
}

/**
 * The A records, beginning with another one each time. Where not all fit, as many as do go along
 * with TC, because musl before 1.2.4 never asks again over TCP.
 */
function putAddresses(
  view: View,
  entry: Entry,
  query: Query,
  packet: Uint8Array,
  out: Uint8Array,
  limitBytes: number,
): number {
  let at = putHead(out, query, packet, FLAG.AA | available(view), RCODE.NOERROR);
  const room = limitBytes - at - (query.edns ? OPT_BYTES : 0);
  let count = entry.addressCount;
  if (count * A_BYTES > room) {
    count = Math.floor(room / A_BYTES);
    out[2] = (out[2] ?? 0) | (FLAG.TC >>> 8);
  }
  const turn = entry.turn;
  entry.turn = turn + 1 < entry.addressCount ? turn + 1 : 0;
  const records = entry.addresses;
  const end = (turn + count) * A_BYTES;
  for (let i = turn * A_BYTES; i < end; i++) out[at++] = records[i] ?? 0;
  putU16(out, 6, count);
  return putOpt(out, at, query, 0);
}

/** NXDOMAIN or NODATA with the SOA that says how long it holds (RFC 2308 sections 2 and 3). */
function putNegative(
  view: View,
  authority: Authority,
  rcode: number,
  query: Query,
  packet: Uint8Array,
  out: Uint8Array,
  limitBytes: number,
  ttlSeconds = view.zone.ttlSeconds,
): number {
  const { zone } = view;
  let at = putHead(out, query, packet, FLAG.AA | available(view), rcode);
  const size = 12 + zone.soa.length;
  const fits = at + size + (query.edns ? OPT_BYTES : 0) <= limitBytes;
  if (authority !== "none" && fits) {
    const owner = authority === "zone"
      ? query.nameLength - zone.name.length
      : query.labels[Math.max(0, query.labelCount - 5)] ?? 0;
    putU16(out, at, 0xc000 | (HEADER_BYTES + owner));
    putU16(out, at + 2, TYPE.SOA);
    putU16(out, at + 4, CLASS_IN);
    putU32(out, at + 6, ttlSeconds);
    putU16(out, at + 10, zone.soa.length);
    out.set(zone.soa, at + 12);
    at += size;
    putU32(out, at - 4, ttlSeconds);
    putU16(out, 8, 1);
  }
  return putOpt(out, at, query, 0);
}
