/** Facts about processes from /proc, each read so that a process that ends meanwhile is just absent. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** One line of /proc/PID/stat, as far as identity needs it. */
export interface ProcessStat {
  /** Z zombie, X dead, T stopped, R, S, D … */
  readonly state: string;
  readonly processGroup: number;
  readonly session: number;
  /** Clock ticks after boot (field 22): with pid and boot id, the identity of a process. */
  readonly startTime: string;
}

/** Reads a stat line; the name in parentheses may hold anything. Null: not a stat line. */
export function parseStat(line: string): ProcessStat | null {
  const close = line.lastIndexOf(")");
  if (close < 0) return null;
  const fields = line.slice(close + 2).trim().split(" ");
  const [state, , group, session] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return null;
  return { state, processGroup: Number(group), session: Number(session), startTime };
}

/** What the adoption rules ask of the machine. */
export interface ProcessTable {
  bootId(): string;
  /**
   * Null: no such process, or all of it has ended. The first thread of a killed program may be a
   * zombie while others still end and hold its sockets: it is then given with state Z.
   */
  stat(pid: number): ProcessStat | null;
  /** Path of the running binary; a replaced one ends in " (deleted)". */
  exe(pid: number): string | null;
  commandLine(pid: number): readonly string[] | null;
  environment(pid: number): readonly string[] | null;
  pids(): readonly number[];
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function zeroSeparated(text: string | null): readonly string[] | null {
  if (text === null) return null;
  const parts = text.split("\0");
  if (parts.at(-1) === "") parts.pop();
  return parts;
}

function hasOtherThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/** The process table of this machine. */
export const linuxProcesses: ProcessTable = {
  bootId: () => (readText("/proc/sys/kernel/random/boot_id") ?? "").trim(),
  stat(pid) {
    const line = readText(`/proc/${pid}/stat`);
    const stat = line === null ? null : parseStat(line);
    if (stat === null || stat.state === "X") return null;
    return stat.state === "Z" && !hasOtherThreads(pid) ? null : stat;
  },
  exe(pid) {
    try {
      return readlinkSync(`/proc/${pid}/exe`);
    } catch {
      return null;
    }
  },
  commandLine: (pid) => zeroSeparated(readText(`/proc/${pid}/cmdline`)),
  environment: (pid) => zeroSeparated(readText(`/proc/${pid}/environ`)),
  pids: () => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number),
};
