/** What of a log was shown already: a stream that broke is asked for a little more than what is new. No DOM. */
import type { LogLine } from "./log_lines.ts";

/** Streams of several containers are not in order to the millisecond. */
const OVERLAP_MS = 2_000;
/** What came within the overlap is known again among so many. */
const KNOWN = 20_000;

export interface LogMemory {
  /** RFC 3339: from where to ask again; null: nothing came yet. */
  readonly since: string | null;
  /** The stream begins anew. */
  again(): void;
  /** Is it one that was not shown? */
  isNew(line: LogLine): boolean;
  /**
   * After what was asked for again, nothing came that was known of this line's container: what
   * stood between the two is there no more. The time of the last line before, told once; else null.
   */
  gapBefore(line: LogLine): string | null;
}

/** Nothing was shown. */
export function createLogMemory(): LogMemory {
  /** How often each came, the oldest first: lines that are written at once have one time. */
  const known = new Map<string, number>();
  /** Of those, how many are still to come again. */
  let left = new Map<string, number>();
  /** The last line of each container's stream. */
  const last = new Map<string, string>();
  /** Those of which nothing came since the stream began anew. */
  let unheard = new Set<string>();
  let first: number | null = null;
  let at = 0;
  let askedFrom = 0;
  const keyOf = ({ deployment, stream }: LogLine) => `${deployment} ${stream}`;
  const from = () => first === null ? null : Math.max(at - OVERLAP_MS, first);
  return {
    get since() {
      const ms = from();
      return ms === null ? null : new Date(ms).toISOString();
    },
    again() {
      askedFrom = from() ?? 0;
      left = new Map(known);
      unheard = new Set(last.keys());
    },
    isNew(line) {
      const id = `${line.time} ${keyOf(line)}`;
      const repeats = left.get(id) ?? 0;
      if (repeats > 0) {
        left.set(id, repeats - 1);
        unheard.delete(keyOf(line));
        return false;
      }
      known.set(id, (known.get(id) ?? 0) + 1);
      for (const oldest of known.keys()) {
        if (known.size <= KNOWN) break;
        known.delete(oldest);
      }
      at = Date.parse(line.time);
      first = Math.min(first ?? at, at);
      return true;
    },
    gapBefore(line) {
      const key = keyOf(line);
      const before = last.get(key) ?? null;
      last.set(key, line.time);
      // Only of what should have come again.
      if (!unheard.delete(key) || before === null) return null;
      return Date.parse(before) >= askedFrom ? before : null;
    },
  };
}
