/** What a lab leaves on the machine, found by its names and namespaces, and its removal. */
import { homeLayout } from "../../../shared/home.ts";
import { checked, runProgram, until } from "./program.ts";

/** Name of the namespace with the LANs' bridges. */
export const SWITCH = "switch";
const PREFIX = "sklab-";

/** Name of a host's network namespace. */
export function nameOf(tag: string, host: string): string {
  return `${PREFIX}${tag}-${host}`;
}

/** Start time of a process in clock ticks since boot; null: no such process. */
export async function processStart(pid: number): Promise<string | null> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => null);
  if (stat === null) return null;
  // The second field is in brackets and may hold blanks and brackets itself.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

/** Removes the labs whose owner no longer lives. */
export async function sweepLabs(): Promise<void> {
  const tags = new Set<string>();
  for (const folder of ["/tmp", "/run/netns"]) {
    for (const name of await namesIn(folder)) {
      const tag = /^sklab-([0-9]+-[0-9a-f]{6})/.exec(name)?.[1];
      if (tag !== undefined) tags.add(tag);
    }
  }
  for (const tag of tags) {
    const owner = await Deno.readTextFile(`/tmp/sklab-${tag}/owner`).catch(() => "");
    const [pid, start] = owner.trim().split(" ");
    const alive = await processStart(Number(pid ?? tag.split("-")[0]));
    if (alive === null || (start !== undefined && alive !== start)) await destroyLab(tag);
  }
}

/** Ends all processes of a lab, whoever made them, and removes its namespaces and folder. */
export async function destroyLab(tag: string): Promise<void> {
  const names = (await namesIn("/run/netns")).filter((name) => name.startsWith(nameOf(tag, "")));
  const cgroups = await killUntilNone(`the processes of lab ${tag}`, () => processesOf(tag, names));
  for (const name of names) await runProgram(["ip", "netns", "delete", name]);
  await removeCgroups(cgroups);
  await removeRunFolders(tag);
  // The mounts below go with the last process, but not in the same moment.
  await until(`the folder of lab ${tag} to go`, async () => {
    const { code } = await runProgram(["rm", "-rf", "--one-file-system", `/tmp/sklab-${tag}`]);
    return code === 0;
  });
}

/**
 * SIGKILL to everything that runs on one host, as a power cut would: what the host's holder is, and
 * so its namespaces, stay. Gives back once nothing is left, the cgroups of its containers included.
 */
export async function killHost(tag: string, host: string): Promise<void> {
  const rest = () => processesOfHost(tag, host);
  await removeCgroups(await killUntilNone(`the processes of host "${host}"`, rest));
}

/** Everything that runs on one host, its containers included; its holder is left out. */
export async function processesOfHost(tag: string, host: string): Promise<readonly number[]> {
  const holder = Number(await Deno.readTextFile(`/tmp/sklab-${tag}/${host}.holder`));
  const found = await processesOf(tag, [nameOf(tag, host)], [`${host}.holder`]);
  return found.filter((pid) => pid !== holder);
}

/** Gives the cgroups that Podman had made for them. */
async function killUntilNone(
  what: string,
  find: () => Promise<readonly number[]>,
): Promise<ReadonlySet<string>> {
  const cgroups = new Set<string>();
  await until(`${what} to end`, async () => {
    const pids = await find();
    for (const pid of pids) {
      for (const group of await podmanCgroups(pid)) cgroups.add(group);
    }
    for (const pid of pids) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
    return pids.length === 0;
  }, 30_000);
  return cgroups;
}

async function removeCgroups(groups: ReadonlySet<string>): Promise<void> {
  for (const group of [...groups].sort().reverse()) await Deno.remove(group).catch(() => {});
}

/** A Skerry on a lab host keeps its sockets outside of the lab's folder, by a name made from its home. */
async function removeRunFolders(tag: string): Promise<void> {
  for (const host of await namesIn(`/tmp/sklab-${tag}`)) {
    for (const name of await namesIn(`/tmp/sklab-${tag}/${host}`)) {
      const { runDir } = homeLayout(`/tmp/sklab-${tag}/${host}/${name}`);
      await Deno.remove(runDir, { recursive: true }).catch(() => {});
    }
  }
}

/**
 * By network namespace (the hosts' own, and those that Podman made in them), by mount namespace,
 * and by descent.
 */
async function processesOf(
  tag: string,
  names: readonly string[],
  holders?: readonly string[],
): Promise<readonly number[]> {
  const namespaces = new Set<string>();
  const add = async (path: string) => {
    const inode = (await Deno.stat(path).catch(() => null))?.ino;
    if (inode !== undefined && inode !== null) namespaces.add(String(inode));
  };
  for (const name of names) await add(`/run/netns/${name}`);
  for (const file of holders ?? await namesIn(`/tmp/sklab-${tag}`)) {
    if (!file.endsWith(".holder")) continue;
    const pid = Number(await Deno.readTextFile(`/tmp/sklab-${tag}/${file}`).catch(() => "0"));
    const net = await namespaceOf(pid, "net");
    // The pid may be another's by now.
    if (net === null || !namespaces.has(net)) continue;
    const mount = await namespaceOf(pid, "mnt");
    if (mount !== null) namespaces.add(mount);
    for (const inner of await namesIn(`/proc/${pid}/root/run/netns`)) {
      await add(`/proc/${pid}/root/run/netns/${inner}`);
    }
  }
  const found = new Set<number>();
  const parents = new Map<number, number>();
  for (const name of await namesIn("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (stat === "" || fields[0] === "Z") continue;
    parents.set(pid, Number(fields[1]));
    for (const kind of ["net", "mnt"] as const) {
      const inode = await namespaceOf(pid, kind);
      if (inode !== null && namespaces.has(inode)) found.add(pid);
    }
  }
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (!found.has(pid) && found.has(parent)) {
        found.add(pid);
        grown = true;
      }
    }
  }
  found.delete(Deno.pid);
  return [...found];
}

async function namespaceOf(pid: number, kind: "net" | "mnt"): Promise<string | null> {
  const link = await Deno.readLink(`/proc/${pid}/ns/${kind}`).catch(() => "");
  return /\[([0-9]+)\]/.exec(link)?.[1] ?? null;
}

/** Cgroups that Podman made for a process: without conmon nobody removes them. */
async function podmanCgroups(pid: number): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/cgroup`).catch(() => "");
  return text.split("\n").flatMap((line) => {
    const [, controllers, path] = /^[0-9]+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || !path.includes("libpod-")) return [];
    const tree = controllers === "" ? "unified" : (controllers ?? "").replace(/^name=/, "");
    return [`/sys/fs/cgroup/${tree}${path}`, `/sys/fs/cgroup${path}`];
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** Fails with the way to install what is missing. */
export async function requirePrograms(programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [program, debianPackage] of Object.entries(programs)) {
    try {
      await checked(["which", program]);
    } catch {
      throw new Error(`"${program}" is missing: apt-get install ${debianPackage}`);
    }
  }
}
