/** Names between text and wire (RFC 1035 section 3.1). */

const encoder = new TextEncoder();

/** A name in lower case as on the wire; null: a label or the name is too long, or a label is empty. */
export function encodeName(text: string): Uint8Array<ArrayBuffer> | null {
  const end = text.endsWith(".") ? text.length - 1 : text.length;
  if (end > 253) return null;
  if (end === 0) return new Uint8Array(1);
  const name = new Uint8Array(end + 2);
  let start = 0;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return encodeForeign(text);
    if (code !== 46) {
      name[i + 1] = code >= 65 && code <= 90 ? code | 32 : code;
      continue;
    }
    if (!endLabel(name, start, i)) return null;
    start = i + 1;
  }
  return endLabel(name, start, end) ? name : null;
}

/** Bytes beyond ASCII go as UTF-8: such names are never ours, but must not be mistaken for others. */
function encodeForeign(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = encoder.encode(text.endsWith(".") ? text.slice(0, -1) : text);
  if (bytes.length > 253) return null;
  const name = new Uint8Array(bytes.length + 2);
  let start = 0;
  for (let i = 0; i <= bytes.length; i++) {
    const byte = bytes[i];
    if (byte !== undefined && byte !== 46) {
      name[i + 1] = byte >= 65 && byte <= 90 ? byte | 32 : byte;
      continue;
    }
    if (!endLabel(name, start, i)) return null;
    start = i + 1;
  }
  return name;
}

/** Writes the length of the label that spans the text from `start` to `end`. */
function endLabel(name: Uint8Array, start: number, end: number): boolean {
  name[start] = end - start;
  return end > start && end - start <= 63;
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
