/** Records of one deployment out of its segments, as lines for people. */
import type { LogLine } from "../../shared/model/link.ts";
import type { LogState } from "./log_state.ts";
import { instantNs } from "./record.ts";
import { createRecordStream } from "./record_stream.ts";
import { listSegments, readSegments, type SegmentPosition, tailPosition } from "./segments.ts";

const READ_BYTES = 64 * 1024;

export interface TimedLine {
  readonly line: LogLine;
  /** Nanoseconds since 1970. */
  readonly at: bigint;
}

export interface LogCursor {
  /** What is there beyond the last call, at most about `maxBytes`; empty: nothing for now. */
  next(maxBytes?: number): Promise<readonly TimedLine[]>;
}

export interface CursorOptions {
  /** Lines from the end; absent: from the oldest. */
  readonly tail?: number;
  /** Nanoseconds since 1970: older lines are left out. */
  readonly since?: bigint;
  /** Where the writer is: nothing is looked for where the cursor is there already. Null: unknown. */
  readonly end?: () => SegmentPosition | null;
}

export async function openCursor(
  folder: string,
  state: Pick<LogState, "deployment" | "service" | "slot">,
  options: CursorOptions,
): Promise<LogCursor> {
  const { deployment, service, slot } = state;
  const segments = await listSegments(folder);
  const fresh = segments.find((segment) =>
    options.since === undefined ||
    BigInt(Math.ceil(segment.changedAt)) * 1_000_000n >= options.since
  );
  let position: SegmentPosition = options.tail !== undefined
    ? await tailPosition(folder, options.tail)
    : { segment: fresh?.number ?? segments.at(-1)?.number ?? 1, offset: 0 };
  const records = createRecordStream();
  const buffer = new Uint8Array(READ_BYTES);
  return {
    async next(maxBytes = READ_BYTES) {
      const lines: TimedLine[] = [];
      let read = 0;
      while (read < maxBytes) {
        const end = options.end?.() ?? null;
        if (end?.segment === position.segment && end.offset === position.offset) break;
        const found = await readSegments(folder, position, buffer);
        position = found.position;
        if (found.bytes === null) break;
        read += found.bytes.length;
        for (const { time, stream, partial, text } of records.push(found.bytes)) {
          const at = instantNs(time);
          if (at === null || (options.since !== undefined && at < options.since)) continue;
          lines.push({ at, line: { deployment, service, slot, stream, time, text, partial } });
        }
        if (lines.length > 0) break;
      }
      return lines;
    },
  };
}
