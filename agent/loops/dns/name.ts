/** Names between text and wire (RFC 1035 section 3.1). */

const encoder = new TextEncoder();

/** A name in lower case as on the wire; null: a label or the name is too long, or a label is empty. */
export function encodeName(text: string): Uint8Array<ArrayBuffer> | null {
  const trimmed = text.endsWith(".") ? text.slice(0, -1) : text;
  if (trimmed === "") return new Uint8Array(1);
  const bytes = encoder.encode(trimmed.toLowerCase());
  if (bytes.length > 253) return null;
  const name = new Uint8Array(bytes.length + 2);
  let start = 0;
  for (let i = 0; i <= bytes.length; i++) {
    if (i < bytes.length && bytes[i] !== 46) continue;
    const size = i - start;
    if (size < 1 || size > 63) return null;
    name[start] = size;
    name.set(bytes.subarray(start, i), start + 1);
    start = i + 1;
  }
  return name;
}

/** A wire name as text, other bytes than printable ASCII as `\DDD`; the root is `.`. */
export function nameText(name: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; at < name.length && name[at] !== 0;) {
    const size = name[at] ?? 0;
    let label = "";
    for (const byte of name.subarray(at + 1, at + 1 + size)) {
      const plain = byte > 32 && byte < 127 && byte !== 46 && byte !== 92;
      label += plain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
    }
    labels.push(label);
    at += size + 1;
  }
  return labels.length === 0 ? "." : labels.join(".");
}

/** An IPv4 address as a number; the caller has checked that it is one. */
export function ipv4Number(address: string): number {
  return address.split(".").reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** The name of an IPv4 address in in-addr.arpa (RFC 1035 section 3.5). */
export function reverseName(address: string): string {
  return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
}

/** A range of IPv4 addresses. */
export interface Subnet {
  readonly first: number;
  readonly last: number;
}

/** The range of a CIDR such as 10.200.7.0/24; the caller has checked that it is one. */
export function parseSubnet(cidr: string): Subnet {
  const [address = "0.0.0.0", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(ipv4Number(address) / size) * size;
  return { first, last: first + size - 1 };
}

export function inSubnet(subnet: Subnet, address: number): boolean {
  return address >= subnet.first && address <= subnet.last;
}
