/** Who listens on a port, by /proc. */
import { namesIn, textOf } from "./probe.ts";
import type { PortOwner } from "./network.ts";

const LISTENING = "0A";
/** Of UDP: nobody on the other side. */
const UNCONNECTED = "07";

/** Inodes of the sockets that listen on a port, from the text of /proc/net/{tcp,udp}{,6}. Pure. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").slice(1).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local, , state, , , , , , inode] = fields;
    if (local === undefined || inode === undefined) return [];
    const listens = state === LISTENING || state === UNCONNECTED;
    return listens && local.endsWith(`:${wanted}`) ? [inode] : [];
  });
}

async function pidOf(inodes: ReadonlySet<string>): Promise<number | null> {
  for (const pid of await namesIn("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await namesIn(`/proc/${pid}/fd`)) {
      const target = await Deno.readLink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) return Number(pid);
    }
  }
  return null;
}

/** The text of /proc/net for a protocol, both families. */
async function tables(protocol: "tcp" | "udp"): Promise<string> {
  return await textOf(`/proc/self/net/${protocol}`) + await textOf(`/proc/self/net/${protocol}6`);
}

/**
 * Who listens on a port; null: nobody.
 * @param ours is it a process of this home?
 */
export async function portOwner(
  port: number,
  protocol: "tcp" | "udp",
  ours: (pid: number, commandLine: string) => boolean,
): Promise<PortOwner | null> {
  const inodes = new Set(listeningInodes(await tables(protocol), port));
  if (inodes.size === 0) return null;
  const pid = await pidOf(inodes);
  if (pid === null) return { pid, name: "something", ours: false };
  const name = (await textOf(`/proc/${pid}/comm`)).trim() || "something";
  const commandLine = (await textOf(`/proc/${pid}/cmdline`)).replaceAll("\0", " ");
  return { pid, name, ours: ours(pid, commandLine) };
}
