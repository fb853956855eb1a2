/**
 * Podman's events, as hints only. After its log file is rotated Podman replays old ones, so each
 * is let through once; commands in containers (health checks) are left out.
 */
import { EventLine } from "./answers.ts";
import { createLineSplitter } from "./json_lines.ts";
import { parseAnswer, type Transport } from "./transport.ts";

const REMEMBERED = 2000;
const NOISE: ReadonlySet<string> = new Set(["exec", "exec_died", "health_status"]);

export interface PodmanEvent {
  readonly action: string;
  readonly containerId: string;
  /** Tells the event from another with the same action; its nanoseconds are kept as text. */
  readonly key: string;
}

/** Null: nothing about a container. `timeNano` exceeds 2^53, so it is read as text. Pure. */
export function parseEvent(line: string): PodmanEvent | null {
  const event = parseAnswer(EventLine, line, "reading Podman's events");
  const containerId = event.Actor?.ID ?? event.id ?? "";
  const action = event.Action ?? event.status ?? "";
  if (containerId === "" || action === "" || NOISE.has(action)) return null;
  const nanos = /"timeNano":\s*(\d+)/.exec(line)?.[1] ?? "";
  return { action, containerId, key: `${containerId}/${action}/${nanos}` };
}

export async function* readEvents(
  transport: Transport,
  signal: AbortSignal,
): AsyncIterable<{ readonly action: string; readonly containerId: string }> {
  const doing = "following Podman's events";
  const splitter = createLineSplitter(doing);
  let known = new Set<string>();
  let older = new Set<string>();
  const body = await transport.stream({
    doing,
    method: "GET",
    path: "/events",
    query: { stream: "true", filters: JSON.stringify({ type: ["container"] }) },
    signal,
  }).catch((thrown) => {
    if (signal.aborted) return null;
    throw thrown;
  });
  if (body === null) return;
  try {
    while (!signal.aborted) {
      const { done, value } = await body.chunks.read().catch(() => ({
        done: true as const,
        value: undefined,
      }));
      if (done) return;
      for (const line of splitter.push(value)) {
        const event = parseEvent(line);
        if (event === null || known.has(event.key) || older.has(event.key)) continue;
        known.add(event.key);
        if (known.size >= REMEMBERED) {
          older = known;
          known = new Set();
        }
        yield { action: event.action, containerId: event.containerId };
      }
    }
  } finally {
    await body.close();
  }
}
