/** Starts, adopts and stops one engine on this machine. Two agents on one home are kept apart by the home's lock. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { writeFileAtomically } from "../../../shared/atomic_file.ts";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import { SkerryError } from "../../../shared/errors.ts";
import { type Log, silentLog } from "../../../shared/log.ts";
import type { Engine, EngineSpec, EngineState } from "./engine.ts";
import { boundLog, DEFAULT_LOG_BYTES, makeFolderOf } from "./log_file.ts";
import { linuxProcesses } from "./process.ts";
import * as records from "./record.ts";
import type { EngineRecord, ProgramIdentity } from "./record.ts";

export interface EngineDeps {
  /** The same as in every spec that is ensured. */
  readonly stateFile: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Size at which the engine's log is turned over; 4 MiB unless told otherwise. */
  readonly logBytes?: number;
}

const POLL_MS = 20;
/** How long the kernel may take to end a killed process before it is reported as stuck. */
const KILL_WAIT_MS = 5_000;

/**
 * An engine bound to one state file. Calls run one after the other.
 * Errors: `engine_missing` (no such program), `engine_start_failed`, `engine_stuck` (survives
 * SIGKILL, as in uninterruptible sleep).
 */
export function createEngine(deps: EngineDeps): Engine {
  const { stateFile, clock = systemClock, log = silentLog, logBytes = DEFAULT_LOG_BYTES } = deps;
  let lastSpec: EngineSpec | null = null;
  let startedHere: number | null = null;
  let isReaped = () => true;
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  }

  async function current(spec: EngineSpec | null): Promise<EngineState> {
    const record = await readRecord(stateFile);
    if (record === null || !records.isSameProcess(record, linuxProcesses)) {
      return { kind: "absent" };
    }
    const wanted = spec === null ? null : records.specDigest(spec);
    const program = await identify(spec?.program ?? record.program);
    if (records.isOutdated(record, wanted, program)) return { kind: "outdated", pid: record.pid };
    return { kind: "running", pid: record.pid, adopted: record.pid !== startedHere };
  }

  async function remember(spec: EngineSpec, pid: number, program: ProgramIdentity): Promise<void> {
    const stat = linuxProcesses.stat(pid);
    const exe = linuxProcesses.exe(pid);
    if (stat === null || exe === null) {
      throw new SkerryError(
        "engine_start_failed",
        `${spec.name} ended as soon as it was started ("${spec.program}")`,
        `Read the end of ${spec.logFile}.`,
      );
    }
    const record: EngineRecord = {
      schema: 1,
      name: spec.name,
      bootId: linuxProcesses.bootId(),
      pid,
      startTime: stat.startTime,
      exe: exe.replace(/ \(deleted\)$/, ""),
      program: spec.program,
      programIdentity: program,
      specDigest: records.specDigest(spec),
    };
    await writeFileAtomically(stateFile, JSON.stringify(record) + "\n", 0o600);
  }

  async function start(spec: EngineSpec, program: ProgramIdentity): Promise<EngineState> {
    await makeFolderOf(stateFile);
    await makeFolderOf(spec.logFile);
    await Deno.mkdir(spec.workingDir, { recursive: true, mode: 0o700 });
    const unrecorded = records.findUnrecorded(spec, linuxProcesses);
    if (unrecorded !== null) {
      await remember(spec, unrecorded, program);
      log.info("engine adopted whose start was cut off", { engine: spec.name, pid: unrecorded });
      return { kind: "running", pid: unrecorded, adopted: true };
    }
    await boundLog(spec.logFile, logBytes);
    const started = await launch(spec);
    isReaped = started.isReaped;
    startedHere = started.pid;
    await remember(spec, started.pid, program);
    log.info("engine started", { engine: spec.name, pid: started.pid });
    return { kind: "running", pid: started.pid, adopted: false };
  }

  async function ensure(spec: EngineSpec): Promise<EngineState> {
    if (spec.stateFile !== stateFile) {
      throw new TypeError(`engine of "${stateFile}" was given a spec for "${spec.stateFile}"`);
    }
    lastSpec = spec;
    await boundLog(spec.logFile, logBytes);
    const now = await current(spec);
    if (now.kind !== "absent") return now;
    const program = await identify(spec.program);
    if (program === null) {
      throw new SkerryError(
        "engine_missing",
        `cannot start ${spec.name}: there is no program "${spec.program}"`,
        `Install ${spec.name}; "skerry doctor" says how.`,
      );
    }
    return start(spec, program);
  }

  async function gone(isGone: () => boolean, limitMs: number): Promise<boolean> {
    const end = clock.monotonic() + limitMs;
    while (!isGone()) {
      if (clock.monotonic() >= end) return false;
      await clock.sleep(POLL_MS);
    }
    return true;
  }

  async function stop(graceMs: number): Promise<void> {
    const record = await readRecord(stateFile);
    if (record === null) return;
    const { pid } = record;
    const alive = () => records.isSameProcess(record, linuxProcesses);
    if (alive()) {
      signal(pid, "SIGTERM");
      if (!(await gone(() => !alive(), graceMs)) && alive()) signal(-pid, "SIGKILL");
      if (!(await gone(() => !alive(), KILL_WAIT_MS))) {
        throw new SkerryError(
          "engine_stuck",
          `${record.name} (pid ${pid}) does not end, not even by SIGKILL`,
          "It hangs in the kernel, often on a disk that does not answer; restart the machine.",
        );
      }
      killLeftOvers(record);
    }
    if (startedHere === pid) await gone(isReaped, KILL_WAIT_MS);
    startedHere = null;
    await Deno.remove(stateFile).catch(() => {});
    log.info("engine stopped", { engine: record.name, pid });
  }

  return {
    state: (spec) =>
      inTurn(async () => {
        const known = spec ?? lastSpec;
        if (known !== null) await boundLog(known.logFile, logBytes);
        return current(known);
      }),
    ensure: (spec) => inTurn(() => ensure(spec)),
    stop: (graceMs) => inTurn(() => stop(graceMs)),
  };
}

/** Children that stayed in the group of a leader that ended; the mark shows that they are ours. */
function killLeftOvers(record: EngineRecord): void {
  for (const pid of linuxProcesses.pids()) {
    const stat = linuxProcesses.stat(pid);
    if (stat?.processGroup !== record.pid || stat.session !== record.pid) continue;
    const marked = linuxProcesses.environment(pid)?.some((entry) =>
      entry.startsWith(`${records.MARK}=${record.specDigest}:`)
    );
    if (marked) signal(pid, "SIGKILL");
  }
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

async function identify(program: string): Promise<ProgramIdentity | null> {
  try {
    const stat = await Deno.stat(program);
    return {
      device: stat.dev,
      inode: stat.ino ?? 0,
      sizeBytes: stat.size,
      modifiedMs: stat.mtime?.getTime() ?? 0,
    };
  } catch {
    return null;
  }
}

/** A damaged record is as good as none: a running engine is then found by its mark. */
async function readRecord(path: string): Promise<EngineRecord | null> {
  try {
    return records.EngineRecord.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch {
    return null;
  }
}

interface Launched {
  readonly pid: number;
  /** It ended, and this process has been told so. */
  readonly isReaped: () => boolean;
}

async function launch(spec: EngineSpec): Promise<Launched> {
  const log = openSync(spec.logFile, "a", 0o600);
  try {
    const child = spawn(spec.program, [...spec.args], {
      cwd: spec.workingDir,
      env: records.markedEnvironment(spec),
      detached: true,
      stdio: ["ignore", log, log],
    });
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    let reaped = false;
    child.once("exit", () => reaped = true);
    if (child.pid === undefined) await failed;
    failed.catch(() => {});
    child.unref();
    return { pid: child.pid ?? 0, isReaped: () => reaped };
  } catch (thrown) {
    throw new SkerryError(
      "engine_start_failed",
      `cannot start ${spec.name} ("${spec.program}"): ${
        thrown instanceof Error ? thrown.message : String(thrown)
      }`,
      "Check that the file is a program for this machine and may be run.",
      { cause: thrown },
    );
  } finally {
    closeSync(log);
  }
}
