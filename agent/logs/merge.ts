/** Lines of several deployments in the order of their times. */
import type { LogCursor, TimedLine } from "./read_log.ts";

interface Head {
  readonly cursor: LogCursor;
  lines: readonly TimedLine[];
  at: number;
}

/**
 * All that the cursors hold now, oldest first; lines of one cursor keep their order even where its
 * clock went back. Only one piece of each cursor is in memory.
 */
export async function* mergeLines(cursors: readonly LogCursor[]): AsyncGenerator<TimedLine> {
  const heads: Head[] = [];
  for (const cursor of cursors) {
    const lines = await cursor.next();
    if (lines.length > 0) heads.push({ cursor, lines, at: 0 });
  }
  while (heads.length > 0) {
    let best: Head | undefined;
    let bestLine: TimedLine | undefined;
    for (const head of heads) {
      const line = head.lines[head.at];
      if (line !== undefined && (bestLine === undefined || line.at < bestLine.at)) {
        best = head;
        bestLine = line;
      }
    }
    if (best === undefined || bestLine === undefined) return;
    yield bestLine;
    best.at++;
    if (best.at < best.lines.length) continue;
    best.lines = await best.cursor.next();
    best.at = 0;
    if (best.lines.length === 0) heads.splice(heads.indexOf(best), 1);
  }
}
