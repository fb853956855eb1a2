/** What one kind of asker is told: a map from the hash of a question's name to ready records. */
import { CLASS_IN, hashName, putU16, putU32, type Query, TYPE } from "./wire.ts";
import { ipv4Number, type Subnet } from "./name.ts";

/** What all views of a configuration share. */
export interface Zone {
  /** Wire name of the zone. */
  readonly name: Uint8Array;
  readonly subnet: Subnet;
  readonly ttlSeconds: number;
  /** RDATA of the SOA record: our server, our mailbox, and the numbers of RFC 1035 section 3.3.13. */
  readonly soa: Uint8Array;
}

/** Which SOA a negative answer bears: the zone's, that of the reverse zone, or none. */
export type Authority = "zone" | "reverse" | "none";

/** The records of one type, whole, and those that go along with them where there is room. */
export interface RecordSet {
  readonly answer: Uint8Array;
  readonly count: number;
  readonly additional: Uint8Array;
  readonly additionalCount: number;
}

/** One name that exists. */
export interface Entry {
  readonly name: Uint8Array;
  readonly authority: Authority;
  /** Lifetime of "not of this type". */
  readonly negativeTtlSeconds: number;
  /** A records, all but the last twice in a row, so that every rotation is one slice. */
  readonly addresses: Uint8Array;
  readonly addressCount: number;
  /** The rotation that the next answer begins with. */
  turn: number;
  /** Records of other types, with their owner as a pointer to the question. */
  readonly others: ReadonlyMap<number, RecordSet>;
  /** The next entry of the same hash. */
  next: Entry | null;
}

/** `elsewhere`: names that are not ours are forwarded, do not exist, or nothing at all is answered. */
export interface View {
  readonly zone: Zone;
  readonly entries: Map<number, Entry>;
  readonly elsewhere: "forward" | "absent" | "refused";
}

/** Bytes of an A record whose owner is a pointer. */
export const A_BYTES = 16;
/** A pointer to the question's name (RFC 1035 section 4.1.4). */
const QUESTION_POINTER = 0xc00c;

/** The entry of a query's name; null: there is none. */
export function findEntry(entries: ReadonlyMap<number, Entry>, query: Query): Entry | null {
  let entry = entries.get(query.hash) ?? null;
  while (entry !== null) {
    if (sameName(entry.name, query)) return entry;
    entry = entry.next;
  }
  return null;
}

function sameName(name: Uint8Array, query: Query): boolean {
  const length = query.nameLength;
  if (name.length !== length) return false;
  const asked = query.name;
  for (let i = 0; i < length; i++) if (name[i] !== asked[i]) return false;
  return true;
}

/** Adds an entry, or puts it in the place of one of the same name. */
export function setEntry(entries: Map<number, Entry>, entry: Entry): void {
  const hash = hashName(entry.name, entry.name.length);
  let chain: Entry | null = null;
  for (let at = entries.get(hash) ?? null; at !== null; at = at.next) {
    const same = at.name.length === entry.name.length &&
      at.name.every((byte, i) => byte === entry.name[i]);
    if (!same) chain = { ...at, next: chain };
  }
  entry.next = chain;
  entries.set(hash, entry);
}

/** A record whose owner is the question's name. */
export function record(type: number, ttlSeconds: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  putU16(bytes, 0, QUESTION_POINTER);
  putU16(bytes, 2, type);
  putU16(bytes, 4, CLASS_IN);
  putU32(bytes, 6, ttlSeconds);
  putU16(bytes, 10, data.length);
  bytes.set(data, 12);
  return bytes;
}

/** The A records of some addresses, all but the last twice, so that every rotation is one slice. */
export function addressRecords(addresses: readonly string[], ttlSeconds: number): Uint8Array {
  const count = addresses.length;
  const bytes = new Uint8Array(count === 0 ? 0 : (2 * count - 1) * A_BYTES);
  for (let i = 0; i < count; i++) {
    const at = i * A_BYTES;
    putU16(bytes, at, QUESTION_POINTER);
    putU16(bytes, at + 2, TYPE.A);
    putU16(bytes, at + 4, CLASS_IN);
    putU32(bytes, at + 6, ttlSeconds);
    putU16(bytes, at + 10, 4);
    putU32(bytes, at + 12, ipv4Number(addresses[i] ?? "0.0.0.0"));
  }
  if (count > 1) bytes.copyWithin(count * A_BYTES, 0, (count - 1) * A_BYTES);
  return bytes;
}

const NO_RECORDS: ReadonlyMap<number, RecordSet> = new Map();
const NO_BYTES = new Uint8Array(0);

/** A set of one record. */
export function single(answer: Uint8Array): RecordSet {
  return { answer, count: 1, additional: NO_BYTES, additionalCount: 0 };
}

/** @param addresses as {@link addressRecords} makes them; entries may share them */
export function makeEntry(
  name: Uint8Array,
  authority: Authority,
  ttlSeconds: number,
  addresses: Uint8Array,
  others: ReadonlyMap<number, RecordSet> = NO_RECORDS,
): Entry {
  const count = addresses.length === 0 ? 0 : (addresses.length / A_BYTES + 1) / 2;
  return {
    name,
    authority,
    // A name that waits for its first healthy replica is asked for again soon.
    negativeTtlSeconds: count === 0 && others.size === 0 ? 1 : ttlSeconds,
    addresses,
    addressCount: count,
    turn: 0,
    others,
    next: null,
  };
}
