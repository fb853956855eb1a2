/**
 * What an authority may sign for (RFC 5280, section 4.2.1.10): people install ours as trusted, so it
 * must not be able to speak for the rest of the world. Pure.
 */
import { isIPv4, isIPv6 } from "node:net";
import { element, elements, EMPTY, extensionOf, SEQUENCE } from "./der.ts";
import type { SubjectName } from "./names.ts";

/** Domains with all below them; ranges of addresses as CIDR. */
export interface Permits {
  readonly domains: readonly string[];
  readonly ranges: readonly string[];
}

/** Domains that nobody can have on the internet: reserved, or never given out. */
const PRIVATE_DOMAINS = [
  "corp",
  "example",
  "home",
  "home.arpa",
  "internal",
  "intranet",
  "lan",
  "local",
  "localhost",
  "private",
  "test",
];

/** Addresses that nobody has on the internet. */
const PRIVATE_RANGES = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** What a home's authority may sign for: what is private by its kind, and the host's own names. */
export function permitsFor(own: readonly SubjectName[]): Permits {
  const base = { domains: PRIVATE_DOMAINS, ranges: PRIVATE_RANGES };
  const outside = own.filter((name) => !isPermitted(base, name));
  const domains = outside.filter(({ type }) => type === "dns").map(({ value }) => value);
  const ranges = outside.filter(({ type }) => type === "ip")
    .map(({ value }) => `${value}/${isIPv4(value) ? 32 : 128}`);
  return {
    domains: [...new Set([...base.domains, ...domains])].sort(),
    ranges: [...base.ranges, ...ranges],
  };
}

/** May a certificate under these limits bear this name? */
export function isPermitted(permits: Permits, { type, value }: SubjectName): boolean {
  if (type === "dns") {
    const name = value.replace(/^\*\./, "").toLowerCase();
    return permits.domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
  }
  const address = bytesOf(value);
  return permits.ranges.some((range) => {
    const { network, mask } = rangeOf(range);
    return network.length === address.length &&
      address.every((byte, index) => (byte & (mask[index] ?? 0)) === network[index]);
  });
}

function bytesOf(address: string): readonly number[] {
  if (isIPv4(address)) return address.split(".").map(Number);
  if (!isIPv6(address)) throw new RangeError(`"${address}" is no address`);
  // The last 32 bits may be written as IPv4.
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (high: string | undefined, low: string | undefined) =>
    (Number(high) * 256 + Number(low)).toString(16);
  const text = dotted === null
    ? address
    : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = "", tail] = text.split("::");
  const groups = (part: string | undefined) => part ? part.split(":") : [];
  const [first, last] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...new Array<string>(zeros).fill("0"), ...last].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function rangeOf(range: string): { network: readonly number[]; mask: readonly number[] } {
  const [address = "", length = ""] = range.split("/");
  const bytes = bytesOf(address);
  const bits = Number(length);
  const mask = bytes.map((_, index) => {
    const ones = Math.max(0, Math.min(8, bits - index * 8));
    return (0xff << (8 - ones)) & 0xff;
  });
  return { network: bytes.map((byte, index) => byte & (mask[index] ?? 0)), mask };
}

const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const PERMITTED = 0xa0;
/** The extension's identifier, 2.5.29.30. */
const OID = [0x55, 0x1d, 0x1e];

/** The value of the extension in DER. */
export function encodePermits({ domains, ranges }: Permits): Uint8Array<ArrayBuffer> {
  const names = domains.map((domain) => element(DNS_NAME, [...new TextEncoder().encode(domain)]));
  const addresses = ranges.map((range) => {
    const { network, mask } = rangeOf(range);
    return element(IP_ADDRESS, [...network, ...mask]);
  });
  const subtrees = [...names, ...addresses].flatMap((base) => element(SEQUENCE, base));
  return Uint8Array.from(element(SEQUENCE, element(PERMITTED, subtrees)));
}

/** The limits in a certificate's DER; null: it has none. */
export function readPermits(certificate: Uint8Array): Permits | null {
  const extension = extensionOf(certificate, OID);
  if (extension === null) return null;
  const [sequence = EMPTY] = elements(extension);
  const permitted = elements(sequence.content).find(({ tag }) => tag === PERMITTED) ?? EMPTY;
  const domains: string[] = [];
  const ranges: string[] = [];
  for (const { content } of elements(permitted.content)) {
    const [base = EMPTY] = elements(content);
    if (base.tag === DNS_NAME) domains.push(new TextDecoder().decode(base.content));
    if (base.tag === IP_ADDRESS) ranges.push(rangeText(base.content));
  }
  return { domains, ranges };
}

function rangeText(content: Uint8Array): string {
  const half = content.length / 2;
  const bits = content.subarray(half)
    .reduce((sum, byte) => sum + (byte.toString(2).match(/1/g)?.length ?? 0), 0);
  const address = content.subarray(0, half);
  if (half === 4) return `${address.join(".")}/${bits}`;
  const groups = Array.from({ length: 8 }, (_, index) => {
    return ((address[index * 2] ?? 0) * 256 + (address[index * 2 + 1] ?? 0)).toString(16);
  });
  const text = groups.join(":").replace(/(?:^|:)0(?::0)+(?::|$)/, "::");
  return `${text}/${bits}`;
}
