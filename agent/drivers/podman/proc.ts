/** What /proc says of a process. The parsing is pure; the reading goes through a function handed in. */

/** Fields of /proc/PID/stat that matter (proc_pid_stat(5)). */
export interface ProcStat {
  /** R, S, D, Z, X, … */
  readonly state: string;
  /** Clock ticks since boot: with the pid it names one process. */
  readonly startTicks: string;
}

/** A process as it is now; `gone` covers zombies and processes that are not whom we mean. */
export type ProcessFact =
  | { readonly kind: "alive"; readonly startTicks: string }
  | { readonly kind: "zombie" }
  | { readonly kind: "gone" };

/** The command name may hold spaces and brackets, so the fields count from the last bracket. */
export function parseProcStat(text: string): ProcStat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).trim().split(" ");
  const state = fields[0];
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return null;
  if (!/^[A-Za-z]$/.test(state) || !/^\d+$/.test(startTicks)) return null;
  return { state, startTicks };
}

/** Bytes that a process has written so far, by /proc/PID/io; null: it does not say. Pure. */
export function parseWritten(io: string): number | null {
  const found = /^wchar: (\d+)$/m.exec(io)?.[1];
  return found === undefined ? null : Number(found);
}

/** Does a process' cgroup file or command line name this container? */
export function namesContainer(text: string, containerId: string): boolean {
  return text.includes(containerId);
}

export interface ProcReader {
  /** The file's text below /proc, or null where there is none. */
  (path: string): Promise<string | null>;
}

/** The machine's own /proc. */
export async function readProc(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(`/proc/${path}`);
  } catch {
    return null;
  }
}

/** The process now. `startTicks`: what it was at first sight; another one means another process. */
export async function processFact(
  read: ProcReader,
  pid: number,
  startTicks?: string,
): Promise<ProcessFact> {
  if (pid <= 0) return { kind: "gone" };
  const text = await read(`${pid}/stat`);
  const stat = text === null ? null : parseProcStat(text);
  if (stat === null) return { kind: "gone" };
  if (startTicks !== undefined && stat.startTicks !== startTicks) return { kind: "gone" };
  if (stat.state === "Z" || stat.state === "X" || stat.state === "x") return { kind: "zombie" };
  return { kind: "alive", startTicks: stat.startTicks };
}

/** Is the pid a process of this container (by cgroup) or its conmon (by command line)? */
export async function belongsTo(
  read: ProcReader,
  pid: number,
  containerId: string,
  file: "cgroup" | "cmdline",
): Promise<boolean> {
  const text = await read(`${pid}/${file}`);
  return text !== null && namesContainer(text, containerId);
}
