/**
 * Copies one deployment's log into its segments. The state is saved seldom; after a crash the
 * segment is cut back to the saved size and copied again from the saved offset, so no line is lost
 * or doubled. A source is freed only behind a saved offset.
 */
import { writeFileAtomically } from "../../shared/atomic_file.ts";
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { type LogState, segmentName } from "./log_state.ts";
import { renderRecord } from "./record.ts";
import { appendSegment, cutSegment, listSegments, syncSegment } from "./segments.ts";
import { type LogSource, openLogSource, type PunchHole } from "./source.ts";

export interface CopyLimits {
  readonly segmentBytes: number;
  /** How much one pass copies at most, so that one printer does not starve the others. */
  readonly passBytes: number;
  /** What a source may be behind; older lines of it are skipped, with a line that says so. */
  readonly backlogBytes: number;
  /** Copied bytes after which the state is saved and the source freed. */
  readonly freeBytes: number;
  /** A state older than this is saved at the next pass. */
  readonly saveMs: number;
}

export const COPY_LIMITS: CopyLimits = {
  segmentBytes: 2 * 1024 * 1024,
  passBytes: 2 * 1024 * 1024,
  backlogBytes: 32 * 1024 * 1024,
  freeBytes: 4 * 1024 * 1024,
  saveMs: 30_000,
};

export interface DeploymentLogDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly punch: PunchHole;
  /** Path of a container's log; null: it has none. */
  readonly logPath: (containerId: string) => Promise<string | null>;
  readonly limits: CopyLimits;
}

export interface DeploymentLog {
  state(): LogState;
  /** The container whose log is to be copied from now on; null: it is gone. */
  follow(containerId: string | null): Promise<void>;
  /** Copies what is new. True: there is more to copy. */
  copy(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens a deployment's log from its last saved state. Calls must not overlap. */
export async function openDeploymentLog(
  deps: DeploymentLogDeps,
  saved: LogState,
): Promise<DeploymentLog> {
  const { folder, clock, log, limits } = deps;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  let state = await settle(folder, saved);
  let source: LogSource | null = null;
  let freedTo = 0;
  let savedOffset = saved.source?.offset ?? 0;
  let savedAt = clock.monotonic();
  let freeing = true;

  const save = async (alsoFree = true): Promise<void> => {
    await syncSegment(folder, state.segment);
    await writeFileAtomically(`${folder}/state.json`, JSON.stringify(state), 0o600);
    savedOffset = state.source?.offset ?? 0;
    savedAt = clock.monotonic();
    if (source === null || !freeing || !alsoFree) return;
    try {
      freedTo = await source.free(freedTo, savedOffset);
    } catch (thrown) {
      // The file system cannot, or the container was just removed: then its file goes as a whole.
      freeing = false;
      log.warn("a container's log cannot be freed behind what was copied", {
        path: source.path,
        reason: messageOf(thrown),
      });
    }
  };

  const append = async (bytes: Uint8Array): Promise<void> => {
    if (state.segmentBytes > 0 && state.segmentBytes + bytes.length > limits.segmentBytes) {
      await syncSegment(folder, state.segment);
      state = { ...state, segment: state.segment + 1, segmentBytes: 0 };
      await save();
    }
    try {
      await appendSegment(folder, state.segment, bytes);
    } catch (thrown) {
      // A full disk took a part of it: off with it, so that it is written once when there is room.
      await cutSegment(folder, state.segment, state.segmentBytes).catch(() => {});
      throw thrown;
    }
    state = { ...state, segmentBytes: state.segmentBytes + bytes.length };
  };

  const open = async (): Promise<void> => {
    if (source !== null || state.source === null) return;
    const { containerId } = state.source;
    const path = await deps.logPath(containerId);
    if (path === null) return;
    source = await openLogSource(containerId, path, deps.punch);
    freedTo = 0;
    freeing = true;
  };

  const skipBacklog = async (from: LogSource, offset: number, size: number): Promise<number> => {
    const to = await from.nextRecord(size - Math.floor(limits.backlogBytes / 2));
    const time = new Date(clock.now()).toISOString().replace("Z", "000000+00:00");
    const text = `skerry: ${to - offset} bytes of log were skipped, they came too fast`;
    const line = renderRecord({ time, stream: "stderr", partial: false, text });
    await append(new TextEncoder().encode(`${line}\n`));
    return to;
  };

  const copy = async (): Promise<boolean> => {
    await open();
    if (source === null || state.source === null) return false;
    const { containerId } = state.source;
    let { offset } = state.source;
    const size = await source.sizeBytes();
    if (size < offset) offset = 0;
    if (size - offset > limits.backlogBytes) offset = await skipBacklog(source, offset, size);
    const passEnd = offset + limits.passBytes;
    let more = false;
    while (offset < size) {
      if (offset >= passEnd) {
        more = true;
        break;
      }
      const bytes = await source.readRecords(offset, limits.segmentBytes);
      if (bytes.length === 0) break;
      await append(bytes);
      offset += bytes.length;
      state = { ...state, source: { containerId, offset } };
      if (offset - savedOffset >= limits.freeBytes) await save();
    }
    state = { ...state, source: { containerId, offset } };
    const due = clock.monotonic() - savedAt >= limits.saveMs;
    if (due && offset !== savedOffset) await save();
    return more;
  };

  /** To the end, for a container that writes no more; bounded, should it write on all the same. */
  const finish = async (): Promise<void> => {
    const passes = Math.ceil(limits.backlogBytes / limits.passBytes) + 1;
    for (let i = 0; i < passes && await copy(); i++);
    await save(false);
    source?.close();
    source = null;
  };

  return {
    state: () => state,
    async follow(containerId) {
      if (containerId === (state.source?.containerId ?? null)) return;
      await finish();
      state = {
        ...state,
        source: containerId === null ? null : { containerId, offset: 0 },
      };
      await save();
    },
    copy,
    async close() {
      try {
        await copy();
        await save();
      } finally {
        source?.close();
        source = null;
      }
    },
  };
}

/**
 * Brings the folder back to what was saved: what was written after it is copied again. Without a
 * saved state, what is there is left alone and a new segment begun.
 */
async function settle(folder: string, saved: LogState): Promise<LogState> {
  const segments = await listSegments(folder);
  const last = segments.at(-1)?.number ?? 0;
  if (await Deno.stat(`${folder}/state.json`).then(() => false, () => true)) {
    return { ...saved, segment: last + 1, segmentBytes: 0 };
  }
  for (const { number } of segments) {
    if (number > saved.segment) await Deno.remove(`${folder}/${segmentName(number)}`);
  }
  const segmentBytes = await cutSegment(folder, saved.segment, saved.segmentBytes);
  return { ...saved, segmentBytes };
}
