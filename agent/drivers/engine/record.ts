/** The state file of an engine, and whether a process is the one that it tells of. Pure. */
import { z } from "zod";
import { canonicalJson, Sha256, sha256 } from "../../../shared/model/hash.ts";
import type { EngineSpec } from "./engine.ts";
import type { ProcessTable } from "./process.ts";

/** What tells one binary from another without reading all of it. */
export const ProgramIdentity = z.strictObject({
  device: z.number(),
  inode: z.number(),
  sizeBytes: z.number(),
  modifiedMs: z.number(),
});
export type ProgramIdentity = z.infer<typeof ProgramIdentity>;

export const EngineRecord = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  bootId: z.string().min(1),
  pid: z.int().positive(),
  startTime: z.string().regex(/^\d+$/),
  /** What /proc/PID/exe showed after the start; a script's is its interpreter. */
  exe: z.string(),
  program: z.string(),
  programIdentity: ProgramIdentity,
  specDigest: Sha256,
});
export type EngineRecord = z.infer<typeof EngineRecord>;

/** Digest of all that shapes the process. */
export function specDigest(spec: EngineSpec): Sha256 {
  const { program, args, env, workingDir, logFile } = spec;
  return sha256(canonicalJson({ program, args, env, workingDir, logFile }));
}

/** Is the recorded process alive, the very same one, and running the recorded binary? */
export function isSameProcess(record: EngineRecord, processes: ProcessTable): boolean {
  if (record.bootId !== processes.bootId()) return false;
  const stat = processes.stat(record.pid);
  if (stat?.startTime !== record.startTime) return false;
  // Ending, its binary gone already: boot, pid and start time say that it is the one.
  if (stat.state === "Z") return true;
  const exe = processes.exe(record.pid);
  return exe === record.exe || exe === `${record.exe} (deleted)`;
}

/** Was it started from another spec or binary than the one that would be started now? */
export function isOutdated(
  record: EngineRecord,
  wanted: Sha256 | null,
  programNow: ProgramIdentity | null,
): boolean {
  if (wanted !== null && wanted !== record.specDigest) return true;
  return programNow !== null &&
    canonicalJson(programNow) !== canonicalJson(record.programIdentity);
}

/** Environment variable that marks the process as the engine of one state file, with its spec's digest. */
export const MARK = "SKERRY_ENGINE";

/** The marked environment of an engine, so that one whose start was cut off before the record was written is found again. */
export function markedEnvironment(spec: EngineSpec): Record<string, string> {
  return { ...spec.env, [MARK]: `${specDigest(spec)}:${spec.stateFile}` };
}

/**
 * A running engine of this state file that no record tells of: marked, leader of its own session
 * (children inherit the mark, but not that), with the very command line of the spec.
 */
export function findUnrecorded(spec: EngineSpec, processes: ProcessTable): number | null {
  const mark = `${MARK}=${markedEnvironment(spec)[MARK]}`;
  const wanted = [spec.program, ...spec.args];
  for (const pid of processes.pids()) {
    const line = processes.commandLine(pid);
    if (line === null || line.length < wanted.length) continue;
    // A script's command line begins with its interpreter.
    const tail = line.slice(line.length - wanted.length);
    if (!tail.every((part, index) => part === wanted[index])) continue;
    if (!processes.environment(pid)?.includes(mark)) continue;
    if (processes.stat(pid)?.session === pid) return pid;
  }
  return null;
}
