/** Answers that go on: records, one at a time, as fast as the reader takes them. */
import type { Problem } from "../../shared/api/problem.ts";
import { problemOf } from "./route.ts";

/** What nobody reads for long is of no use. */
const MAX_WAITING = 10_000;

type Progress = { readonly type: "progress"; readonly line: string };
type Failed = { readonly type: "error"; readonly problem: Problem };

/** NDJSON of work that tells how far it is: `progress` lines, then what it gave, or `error`. */
export async function* progressRecords<Event extends { readonly type: string }>(
  work: (onProgress: (line: string) => void) => Promise<Exclude<Event, Progress | Failed>>,
): AsyncGenerator<string> {
  const waiting: (Event | Progress | Failed)[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  const push = (event: Event | Progress | Failed, last = false) => {
    if (waiting.length >= MAX_WAITING) waiting.shift();
    waiting.push(event);
    ended = ended || last;
    wake();
  };
  const working = work((line) => push({ type: "progress", line }))
    .then((done) => push(done, true))
    .catch((thrown) => push({ type: "error", problem: problemOf(thrown) }, true));
  while (true) {
    const event = waiting.shift();
    if (event !== undefined) yield `${JSON.stringify(event)}\n`;
    else if (ended) break;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  await working;
}

/**
 * So often a stream in which nothing happens says that it is there (by an empty line, which both
 * NDJSON and server-sent events pass over): else nobody could tell it from a link that broke.
 */
const SIGN_OF_LIFE_MS = 20_000;

/** A body of text records. Stops when the reader leaves, and tells the source by the signal. */
export function recordStream(
  closing: AbortSignal,
  records: (signal: AbortSignal) => AsyncIterable<string>,
  signOfLifeMs = SIGN_OF_LIFE_MS,
): ReadableStream<Uint8Array> {
  const abort = new AbortController();
  const end = () => abort.abort();
  closing.addEventListener("abort", end);
  if (closing.aborted) end();
  const encoder = new TextEncoder();
  const iterator = records(abort.signal)[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<string>> | null = null;
  /** What comes next, or null: nothing came for a while. */
  async function record(): Promise<IteratorResult<string> | null> {
    next ??= iterator.next();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const quiet = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), signOfLifeMs);
    });
    try {
      const found = await Promise.race([next, quiet]);
      if (found !== null) next = null;
      return found;
    } finally {
      clearTimeout(timer);
    }
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const found = await record();
        if (found === null) return controller.enqueue(encoder.encode("\n"));
        if (found.done !== true) return controller.enqueue(encoder.encode(found.value));
        closing.removeEventListener("abort", end);
        controller.close();
      } catch (thrown) {
        closing.removeEventListener("abort", end);
        controller.error(thrown);
      }
    },
    async cancel() {
      closing.removeEventListener("abort", end);
      end();
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
}
