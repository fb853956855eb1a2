/** What Traefik said last. Pure. */
import { z } from "zod";

const Line = z.object({ level: z.string(), message: z.string(), error: z.string().optional() });

/** The last error of a log's end, in one line of at most 300 characters; null: none. */
export function lastErrorLine(tail: string): string | null {
  for (const line of tail.trimEnd().split("\n").reverse()) {
    const parsed = Line.safeParse(parseJson(line));
    // What is no JSON is a complaint about the start itself.
    const text = parsed.success
      ? ["error", "fatal"].includes(parsed.data.level)
        ? [parsed.data.message, parsed.data.error].filter(Boolean).join(": ")
        : null
      : line.trim() || null;
    if (text !== null) return text.slice(0, 300);
  }
  return null;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
