/** Reads the progress of a pull or a build, and gives up where nothing moves any more. */
import { SkerryError } from "../../../shared/errors.ts";
import { ProgressLine } from "./answers.ts";
import { podmanError } from "./errors.ts";
import { createLineSplitter } from "./json_lines.ts";
import { parseAnswer, type StreamCall, type Transport } from "./transport.ts";

/** How often a silent stream is looked at. */
const LOOK_MS = 5000;
/** The last lines are kept for the error message. */
const KEPT_LINES = 20;

export interface ProgressOptions {
  readonly onProgress: (line: string) => void;
  /** Without a line and without activity for so long, it counts as stalled. */
  readonly stallMs: number;
  /**
   * A text that differs when something was done: Podman prints nothing while a blob comes, so the
   * growing of its files has to tell.
   */
  readonly activity: () => Promise<string>;
  readonly monotonic: () => number;
  /** How often activity is looked at; default 5 s. */
  readonly lookMs?: number;
  /** The line by which one that went well is known; default: a lone id. */
  readonly doneBy?: RegExp;
}

export type ProgressEnd =
  /** `id`: the line by which it is known. */
  | { readonly kind: "done"; readonly id: string; readonly lastLines: readonly string[] }
  | { readonly kind: "error"; readonly message: string; readonly lastLines: readonly string[] }
  | { readonly kind: "stalled"; readonly lastLines: readonly string[] };

const LONE_ID = /^[0-9a-f]{64}$/;

/** Runs the call to its end; rejects where the connection breaks. */
export async function readProgress(
  transport: Transport,
  call: StreamCall,
  options: ProgressOptions,
): Promise<ProgressEnd> {
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  if (call.signal?.aborted) stop.abort();
  call.signal?.addEventListener("abort", onAbort);
  let movedAt = options.monotonic();
  let activity = await options.activity();
  let stalled = false;
  const timer = setInterval(async () => {
    const now = await options.activity();
    if (now !== activity) {
      activity = now;
      movedAt = options.monotonic();
    } else if (options.monotonic() - movedAt > options.stallMs) {
      stalled = true;
      stop.abort();
    }
  }, options.lookMs ?? LOOK_MS);

  const lastLines: string[] = [];
  let id: string | null = null;
  let error: string | null = null;
  const take = (line: string): void => {
    const parsed = parseAnswer(ProgressLine, line, call.doing);
    if (parsed.error !== undefined) error = parsed.error;
    if (parsed.id !== undefined) id = parsed.id;
    const text = parsed.stream?.trimEnd() ?? "";
    if (text === "") return;
    if ((options.doneBy ?? LONE_ID).test(text)) id = text;
    lastLines.push(text);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    options.onProgress(text);
  };

  try {
    const body = await transport.stream({ ...call, signal: stop.signal });
    try {
      const splitter = createLineSplitter(call.doing);
      while (true) {
        const { done, value } = await body.chunks.read();
        movedAt = options.monotonic();
        for (const line of done ? splitter.end() : splitter.push(value)) take(line);
        if (done) break;
      }
    } finally {
      await body.close();
    }
  } catch (thrown) {
    if (stalled) return { kind: "stalled", lastLines };
    if (call.signal?.aborted) throw podmanError("aborted", call.doing, "given up", thrown);
    if (thrown instanceof SkerryError) throw thrown;
    throw podmanError("podman_unreachable", call.doing, "Podman's service ended meanwhile", thrown);
  } finally {
    clearInterval(timer);
    call.signal?.removeEventListener("abort", onAbort);
  }
  if (error !== null) return { kind: "error", message: error, lastLines };
  // Both a pull and a build that went well end with the image's id; a push has a line of its own.
  if (id === null) {
    throw podmanError("podman_unreachable", call.doing, "Podman's service ended meanwhile");
  }
  return { kind: "done", id, lastLines };
}
