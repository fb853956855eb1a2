/** Who listens on a TCP port of this host, from /proc. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface TcpListener {
  /** IPv4 address, or `::` / another IPv6 address in hex of the kernel. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

export interface PortHolder {
  readonly pid: number;
  readonly program: string;
}

/** Sockets in LISTEN state of a /proc/net/tcp or tcp6 text. Pure. */
export function parseListeners(text: string): readonly TcpListener[] {
  const found: TcpListener[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [hexAddress, hexPort] = (fields[1] ?? "").split(":");
    const inode = fields[9];
    if (fields[3] !== "0A" || !hexAddress || !hexPort || inode === undefined) continue;
    found.push({ address: readAddress(hexAddress), port: parseInt(hexPort, 16), inode });
  }
  return found;
}

/** The kernel writes 32-bit words in the machine's order, which is little-endian where Deno runs. */
function readAddress(hex: string): string {
  if (hex.length === 8) return dotted(hex);
  if (/^0{32}$/.test(hex)) return "::";
  // An IPv4 address in an IPv6 socket.
  return /^0{16}FFFF0000/i.test(hex) ? dotted(hex.slice(24)) : hex;
}

function dotted(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes.reverse().map((byte) => parseInt(byte, 16)).join(".");
}

/** Would listening on `address:port` collide with it? */
export function collides(listener: TcpListener, address: string, port: number): boolean {
  if (listener.port !== port) return false;
  const all = (each: string) => each === "0.0.0.0" || each === "::";
  return all(listener.address) || all(address) || listener.address === address;
}

/** The sockets that `address:port` collides with. */
export function listenersOn(address: string, port: number): readonly TcpListener[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((path) => parseListeners(readText(path)))
    .filter((listener) => collides(listener, address, port));
}

/** The process that holds a socket; null: none that can be seen (another namespace, or it ended). */
export function holderOf(inode: string): PortHolder | null {
  const link = `socket:[${inode}]`;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    if (descriptors(name).some((fd) => linkOf(`/proc/${name}/fd/${fd}`) === link)) {
      return { pid: Number(name), program: readText(`/proc/${name}/comm`).trim() };
    }
  }
  return null;
}

function descriptors(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
