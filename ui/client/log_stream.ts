/** The stream of log lines from the API: taken up again where it broke, no line shown twice. */
import type { LogLine } from "./log_lines.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 20_000;

export interface LogStreamSettings {
  readonly project: string;
  /** Null: of the whole project. */
  readonly service: string | null;
  readonly tail: number;
}

export interface LogStreamEvents {
  line(line: LogLine): void;
  /** The stream is there; `again`: after it was lost. */
  opened(again: boolean): void;
  lost(why: string): void;
  /** It will not come back by itself. */
  ended(why: string): void;
}

type Record_ = LogLine | { readonly problem: { readonly detail: string; readonly status: number } };

/** Whole lines of a stream of bytes. */
async function* textLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) return;
    const pieces = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = pieces.pop() ?? "";
    yield* pieces;
  }
}

/** Follows until the signal aborts. */
export async function followLogs(
  settings: LogStreamSettings,
  events: LogStreamEvents,
  signal: AbortSignal,
): Promise<void> {
  /** The time of the last line of each container's stream: what is not later was shown. */
  const shown = new Map<string, string>();
  let since: string | null = null;
  let waitMs = FIRST_WAIT_MS;
  for (let again = false; !signal.aborted; again = true) {
    const query = new URLSearchParams({ follow: "true" });
    if (since === null) query.set("tail", String(settings.tail));
    else query.set("since", since);
    if (settings.service !== null) query.set("service", settings.service);
    let why = "the connection was lost";
    try {
      const response = await fetch(
        `/api/v1/projects/${encodeURIComponent(settings.project)}/logs?${query}`,
        { signal, headers: { accept: "application/x-ndjson" } },
      );
      if (response.status === 401) return location.reload();
      if (!response.ok || response.body === null) {
        const problem: { detail?: string } = await response.json().catch(() => ({}));
        why = problem.detail ?? `the server answered ${response.status}`;
        if (response.status === 403 || response.status === 404) return events.ended(why);
      } else {
        waitMs = FIRST_WAIT_MS;
        events.opened(again);
        for await (const text of textLines(response.body)) {
          if (text === "") continue;
          const line: Record_ = JSON.parse(text);
          if ("problem" in line) {
            why = line.problem.detail;
            continue;
          }
          const key = `${line.deployment} ${line.stream}`;
          const last = shown.get(key);
          // Within one stream times only grow; equal ones are told apart by having come before.
          if (again && last !== undefined && line.time <= last) continue;
          shown.set(key, line.time);
          if (since === null || line.time > since) since = line.time;
          events.line(line);
        }
      }
    } catch (thrown) {
      if (signal.aborted) return;
      why = thrown instanceof Error ? thrown.message : String(thrown);
    }
    events.lost(why);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
}
