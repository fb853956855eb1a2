/** Questions under in-addr.arpa that concern the containers' subnet. */
import { inSubnet, type Subnet } from "./name.ts";
import type { Query } from "./wire.ts";

// The labels "in-addr" and "arpa" on the wire.
const SUFFIX = [7, 105, 110, 45, 97, 100, 100, 114, 4, 97, 114, 112, 97, 0];

/** Does the query's name end in `suffix` at a label's boundary? */
export function isUnder(query: Query, suffix: ArrayLike<number>): boolean {
  const start = query.nameLength - suffix.length;
  if (start < 0) return false;
  for (let i = 0; i < suffix.length; i++) if (query.name[start + i] !== suffix[i]) return false;
  if (start === 0 || suffix.length === 1) return true;
  for (let i = 0; i < query.labelCount; i++) if (query.labels[i] === start) return true;
  return false;
}

/**
 * `foreign`: not within the subnet; `parent`: a name above its addresses, which exists; `address`:
 * the name of one of its addresses, or a name below one.
 */
export type ReverseKind = "foreign" | "parent" | "address";

export function reverseKind(query: Query, subnet: Subnet): ReverseKind {
  if (!isUnder(query, SUFFIX)) return "foreign";
  const octets: number[] = [];
  for (let i = query.labelCount - 3; i >= 0 && octets.length < 4; i--) {
    const octet = readOctet(query, query.labels[i] ?? 0);
    if (octet < 0) break;
    octets.push(octet);
  }
  if (octets.length < 3) return "foreign";
  const [a = 0, b = 0, c = 0, d] = octets;
  const base = ((a * 256 + b) * 256 + c) * 256;
  if (d !== undefined) return inSubnet(subnet, base + d) ? "address" : "foreign";
  const whole = inSubnet(subnet, base) && inSubnet(subnet, base + 255);
  if (!whole) return "foreign";
  return query.labelCount === 5 ? "parent" : "address";
}

/** A label of one to three digits as a number up to 255; -1: it is none. */
function readOctet(query: Query, at: number): number {
  const size = query.name[at] ?? 0;
  if (size < 1 || size > 3) return -1;
  let value = 0;
  for (let i = 1; i <= size; i++) {
    const digit = (query.name[at + i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= 255 ? value : -1;
}
