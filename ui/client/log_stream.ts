/** The stream of log lines from the API: taken up again where it broke, no line shown twice. */
import type { LogLine } from "./log_lines.ts";
import { createLogMemory } from "./log_memory.ts";
import { watchSilence } from "./silence.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 20_000;
/** The server sends something at least every 20 s; a link that is silent for longer is dead. */
const SILENT_MS = 50_000;
/** So long an answer may take to begin. */
const ANSWER_MS = 20_000;

export interface LogStreamSettings {
  readonly project: string;
  /** Null: of the whole project. */
  readonly service: string | null;
  readonly tail: number;
}

export interface LogStreamEvents {
  line(line: LogLine): void;
  /** Before this line others were written that are not kept any more; the last one known was then. */
  gap(line: LogLine, after: string): void;
  /** The stream is there; `again`: after it was lost. */
  opened(again: boolean): void;
  lost(why: string): void;
  /** It will not come back by itself. */
  ended(why: string): void;
}

type Record_ = LogLine | { readonly problem: { readonly detail: string; readonly status: number } };

/** Whole lines of a stream of bytes. */
async function* textLines(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  while (true) {
    const { value, done } = await reader.read();
    heard();
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
  const memory = createLogMemory();
  let waitMs = FIRST_WAIT_MS;
  for (let again = false; !signal.aborted; again = true) {
    const query = new URLSearchParams({ follow: "true" });
    const { since } = memory;
    if (since === null) query.set("tail", String(settings.tail));
    else query.set("since", since);
    if (settings.service !== null) query.set("service", settings.service);
    memory.again();
    let why = "the connection was lost";
    const link = watchSilence(signal);
    try {
      link.expect(ANSWER_MS);
      const response = await fetch(
        `/api/v1/projects/${encodeURIComponent(settings.project)}/logs?${query}`,
        {
          signal: link.signal,
          headers: {
            accept: "application/x-ndjson",
            // Nobody asked for that by hand: it keeps no session from going idle.
            ...again ? { "x-skerry-unattended": "logs" } : {},
          },
        },
      );
      if (response.status === 401) return location.reload();
      if (!response.ok || response.body === null) {
        const problem: { detail?: string } = await response.json().catch(() => ({}));
        why = problem.detail ?? `the server answered ${response.status}`;
        if (response.status === 403 || response.status === 404) return events.ended(why);
      } else {
        waitMs = FIRST_WAIT_MS;
        events.opened(again);
        const heard = () => link.expect(SILENT_MS);
        heard();
        for await (const text of textLines(response.body, heard)) {
          if (text === "") continue;
          const line: Record_ = JSON.parse(text);
          if ("problem" in line) {
            why = line.problem.detail;
            continue;
          }
          if (!memory.isNew(line)) continue;
          const after = memory.gapBefore(line);
          if (after !== null) events.gap(line, after);
          events.line(line);
        }
      }
    } catch (thrown) {
      if (signal.aborted) return;
      why = link.isDead
        ? "the link is silent"
        : thrown instanceof Error
        ? thrown.message
        : String(thrown);
    } finally {
      link.end();
    }
    events.lost(why);
    await link.pause(waitMs);
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
}
