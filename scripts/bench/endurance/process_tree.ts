/** The processes of one box: those that name its folders, and all that descend of them. */
import { basename } from "node:path";

export interface BoxProcess {
  readonly pid: number;
  /** Name of the program; that of the process for one that has ended and waits for its parent. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly threads: number;
  readonly rssKiB: number;
  readonly descriptors: number;
}

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly argv: readonly string[];
  readonly status: string;
}

/** Those of `up`, and of every process whose command line holds one of the words. */
export async function boxProcesses(
  up: number,
  words: readonly string[],
): Promise<readonly BoxProcess[]> {
  const seen = new Map<number, Seen>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = await Deno.readTextFile(`/proc/${name}/status`).catch(() => null);
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => null);
    if (status === null || command === null) continue;
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
    const argv = command.split("\0").slice(0, -1);
    seen.set(Number(name), { pid: Number(name), parent, argv, status });
  }
  const belongs = ({ pid, parent, argv }: Seen): boolean => {
    if (pid === up || words.some((word) => argv.some((arg) => arg.includes(word)))) return true;
    const above = seen.get(parent);
    return above !== undefined && above.pid > 1 && belongs(above);
  };
  return await Promise.all([...seen.values()].filter(belongs).map(measure));
}

async function measure({ pid, argv, status }: Seen): Promise<BoxProcess> {
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return {
    pid,
    program: basename(argv[0] ?? /^Name:\s+(.+)$/m.exec(status)?.[1] ?? ""),
    argv,
    threads: field("Threads"),
    rssKiB: field("VmRSS"),
    descriptors: await entriesOf(`/proc/${pid}/fd`),
  };
}

/** How many entries a folder has; 0 where it is not there. */
export async function entriesOf(folder: string): Promise<number> {
  let count = 0;
  try {
    for await (const _ of Deno.readDir(folder)) count += 1;
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
  return count;
}
