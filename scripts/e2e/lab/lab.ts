/**
 * Several hosts on one machine for tests of the whole program. A host is a network namespace with a
 * mount namespace of its own: `/run/containers`, `/run/netns`, `/run/wireguard` and `/dev/shm` are
 * private, all else is the machine's, `/proc` and cgroups included. Hosts hang on LANs (bridges in
 * one more namespace), so nothing in the machine's own network is touched.
 *
 * Names carry the owner's pid and start time: what a crashed run left is removed by the next one.
 */
import { messageOf } from "../../../shared/errors.ts";
import type { CommandResult } from "../../../shared/command.ts";
import { checked, runProgram } from "./program.ts";
import { createHost, type LabHost, type LabHostSpec } from "./host.ts";
import { destroyLab, nameOf, processStart, sweepLabs, SWITCH } from "./leftovers.ts";

export interface LabSpec {
  readonly hosts: readonly LabHostSpec[];
}

export interface Lab extends AsyncDisposable {
  /** In every name of this lab on the machine. */
  readonly tag: string;
  /** A folder of this lab's own, gone with it. */
  readonly dir: string;
  /** Throws for a name that the spec did not have. */
  host(name: string): LabHost;
  /** Runs a program in the namespace of the LANs' bridges: packet loss, partitions, tcpdump. */
  switchRun(argv: readonly string[]): Promise<CommandResult>;
  /** Takes a host's link away, or gives it back. `link`: index in the host's spec. */
  setLink(host: string, link: number, up: boolean): Promise<void>;
  /** Ends every process of the lab and removes all of it. May be repeated. */
  close(): Promise<void>;
}

/** Makes a lab; needs root. Fails whole: what had been made is removed again. */
export async function createLab(spec: LabSpec): Promise<Lab> {
  await sweepLabs();
  const random = crypto.randomUUID().slice(0, 6);
  const tag = `${Deno.pid}-${random}`;
  const dir = `/tmp/sklab-${tag}`;
  await Deno.mkdir(dir, { mode: 0o755 });
  await Deno.writeTextFile(`${dir}/owner`, `${Deno.pid} ${await processStart(Deno.pid)}\n`);
  const hosts = new Map<string, LabHost>();
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    for (const host of hosts.values()) await host.release();
    await destroyLab(tag);
    for (const host of hosts.values()) await host.released;
  };
  try {
    const hub = nameOf(tag, SWITCH);
    await checked(["ip", "netns", "add", hub]);
    const inSwitch = (argv: readonly string[]) => ["nsenter", `--net=/run/netns/${hub}`, ...argv];
    const lans = [...new Set(spec.hosts.flatMap((host) => host.links.map((link) => link.lan)))];
    for (const [index, lan] of lans.entries()) {
      if (!/^[a-z0-9-]{1,32}$/.test(lan)) throw new Error(`not a LAN's name: "${lan}"`);
      await checked(inSwitch(["ip", "link", "add", `lan${index}`, "type", "bridge"]));
      await checked(inSwitch(["ip", "link", "set", `lan${index}`, "up"]));
    }
    for (const [hostIndex, hostSpec] of spec.hosts.entries()) {
      const host = await createHost(tag, dir, hostSpec);
      hosts.set(hostSpec.name, host);
      for (const [linkIndex, link] of hostSpec.links.entries()) {
        const port = `p${hostIndex}-${linkIndex}`;
        await checked([
          ...["ip", "link", "add", port, "netns", hub, "type", "veth"],
          ...["peer", "name", `eth${linkIndex}`, "netns", host.namespace],
        ]);
        const lan = `lan${lans.indexOf(link.lan)}`;
        await checked(inSwitch(["ip", "link", "set", port, "master", lan, "up"]));
        await host.must(["ip", "address", "add", link.address, "dev", `eth${linkIndex}`]);
        await host.must(["ip", "link", "set", `eth${linkIndex}`, "up"]);
      }
      for (const route of hostSpec.routes ?? []) {
        await host.must(["ip", "route", "add", route.to, "via", route.via]);
      }
    }
    return {
      tag,
      dir,
      host(name) {
        const found = hosts.get(name);
        if (found === undefined) throw new Error(`the lab has no host "${name}"`);
        return found;
      },
      switchRun: (argv) => runProgram(inSwitch(argv)),
      async setLink(host, link, up) {
        const index = spec.hosts.findIndex(({ name }) => name === host);
        const port = `p${index}-${link}`;
        await checked(inSwitch(["ip", "link", "set", port, up ? "up" : "down"]));
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (thrown) {
    await close();
    throw new Error(`cannot make the lab: ${messageOf(thrown)}`, { cause: thrown });
  }
}
