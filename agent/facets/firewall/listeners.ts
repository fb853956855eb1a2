/** Sockets of this host that wait for connections or datagrams, and whose they are. */
import type { FirewallSeen } from "./seen.ts";

export type Listener = FirewallSeen["listeners"][number];

/** A listening socket as the kernel lists it. */
export interface SocketLine {
  /** IPv4 address; `0.0.0.0` for all, also for a socket of IPv6 that takes both. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** State column of a listening TCP socket, and of a UDP socket without a peer. */
const STATE = { tcp: "0A", udp: "07" } as const;

/** Parses /proc/net/{tcp,tcp6,udp,udp6}. IPv6-only addresses are left out. Pure. */
export function parseSockets(text: string, protocol: "tcp" | "udp"): readonly SocketLine[] {
  return text.split("\n").slice(1).flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (local === undefined || inode === undefined || state !== STATE[protocol]) return [];
    const [hex, port] = local.split(":");
    const address = hex === undefined ? null : addressOf(hex);
    return address === null || port === undefined
      ? []
      : [{ address, port: Number.parseInt(port, 16), inode }];
  });
}

/** The kernel writes 32-bit words in the machine's byte order, which is little-endian. */
function addressOf(hex: string): string | null {
  if (!/^([0-9A-F]{8}|[0-9A-F]{32})$/.test(hex)) return null;
  const last = hex.slice(-8);
  if (hex.length === 32) {
    if (/^0+$/.test(hex)) return "0.0.0.0";
    if (hex.slice(0, 24) !== "0000000000000000FFFF0000") return null;
  }
  return [6, 4, 2, 0].map((at) => Number.parseInt(last.slice(at, at + 2), 16)).join(".");
}

export interface ListenerPlaces {
  /** Where tcp, tcp6, udp and udp6 are; default /proc/net. */
  readonly netDir?: string;
}

/** All listeners; the program is looked for only where the port is one of `named`. */
export type ReadListeners = (named: ReadonlySet<number>) => Promise<readonly Listener[]>;

/** Reads them from /proc. A program that cannot be read is null. */
export function createReadListeners(places: ListenerPlaces = {}): ReadListeners {
  const netDir = places.netDir ?? "/proc/net";
  return async (named) => {
    const found: (SocketLine & { readonly protocol: "tcp" | "udp" })[] = [];
    for (const protocol of ["tcp", "udp"] as const) {
      for (const file of [protocol, `${protocol}6`]) {
        // A kernel without IPv6 has no tcp6.
        const text = await Deno.readTextFile(`${netDir}/${file}`).catch(() => "");
        for (const socket of parseSockets(text, protocol)) found.push({ ...socket, protocol });
      }
    }
    const asked = found.filter((socket) => named.has(socket.port));
    const programs = asked.length === 0
      ? new Map<string, string>()
      : await programsOf(new Set(asked.map((socket) => socket.inode)));
    return found.map(({ protocol, address, port, inode }) => ({
      protocol,
      address,
      port,
      program: programs.get(inode) ?? null,
    }));
  };
}

/** Program names by socket inode. */
async function programsOf(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const programs = new Map<string, string>();
  for (const pid of await namesIn("/proc")) {
    if (!/^[0-9]+$/.test(pid)) continue;
    for (const fd of await namesIn(`/proc/${pid}/fd`)) {
      const link = await Deno.readLink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      const inode = /^socket:\[([0-9]+)\]$/.exec(link)?.[1];
      if (inode === undefined || !inodes.has(inode) || programs.has(inode)) continue;
      const comm = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => "");
      if (comm !== "") programs.set(inode, comm.trim());
    }
    if (programs.size === inodes.size) break;
  }
  return programs;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  } catch {
    return [];
  }
}
