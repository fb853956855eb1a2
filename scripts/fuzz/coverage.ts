/** Which blocks of our own code have run, from V8's own counting. */
import { type Profiler, Session } from "node:inspector";

/** A stretch of a file, by characters. */
type Span = readonly [from: number, to: number];

export interface Coverage extends AsyncDisposable {
  /** Blocks that ran since the last call and never before: true where there are some. */
  grew(): Promise<boolean>;
  /** As {@link grew}, and the blocks are forgotten again, so that the next call may find them. */
  wouldGrow(): Promise<boolean>;
  /** Counts no more, which makes our code fast again. */
  stop(): Promise<void>;
  /** Functions that have run so far. */
  functions(): number;
}

const OWN = new URL("../../", import.meta.url).href;
const isOwn = (url: string) =>
  url.startsWith(OWN) &&
  !/(^|\/)(scripts|testing)\/|\/fuzz\.ts$|_test\.ts$/.test(url.slice(OWN.length));

/** The stretches of a function that did not run, in order. */
function missed(coverage: Profiler.FunctionCoverage): Span[] {
  // A block within another one comes after it and counts for itself.
  const spans: Span[] = [];
  const [whole, ...blocks] = coverage.ranges;
  if (whole === undefined) return spans;
  const open: { end: number; ran: boolean }[] = [];
  let at = whole.startOffset;
  const upTo = (offset: number, ran: boolean) => {
    if (!ran && offset > at) spans.push([at, offset]);
    at = Math.max(at, offset);
  };
  open.push({ end: whole.endOffset, ran: whole.count > 0 });
  for (const { startOffset, endOffset, count } of blocks) {
    for (let top = open.at(-1); top !== undefined && top.end <= startOffset; top = open.at(-1)) {
      upTo(top.end, top.ran);
      open.pop();
    }
    upTo(startOffset, open.at(-1)?.ran ?? true);
    open.push({ end: endOffset, ran: count > 0 });
  }
  for (const { end, ran } of open.reverse()) upTo(end, ran);
  return spans;
}

/** What both lack. */
function common(a: readonly Span[], b: readonly Span[]): Span[] {
  const both: Span[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [aFrom, aTo] = a[i] ?? [0, 0];
    const [bFrom, bTo] = b[j] ?? [0, 0];
    const from = Math.max(aFrom, bFrom);
    const to = Math.min(aTo, bTo);
    if (from < to) both.push([from, to]);
    if (aTo < bTo) i++;
    else j++;
  }
  return both;
}

const lengthOf = (spans: readonly Span[]) => spans.reduce((sum, [from, to]) => sum + to - from, 0);

/** Starts counting. One at a time in a process. */
export async function startCoverage(): Promise<Coverage> {
  const session = new Session();
  session.connect();
  const post = (method: string, params?: object) =>
    new Promise<void>((done, fail) => {
      session.post(method, params, (failed) => failed === null ? done() : fail(failed));
    });
  const ran = () =>
    new Promise<readonly Profiler.ScriptCoverage[]>((done, fail) => {
      session.post("Profiler.takePreciseCoverage", (failed, taken) => {
        if (failed === null) done(taken.result);
        else fail(failed);
      });
    });
  await post("Profiler.enable");
  await post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  /** By function: what no input has run so far. */
  const lacking = new Map<string, readonly Span[]>();

  async function take(keep: boolean): Promise<boolean> {
    let grew = false;
    for (const { url, functions } of await ran()) {
      if (!isOwn(url)) continue;
      for (const each of functions) {
        if ((each.ranges[0]?.count ?? 0) === 0) continue;
        const key = `${url} ${each.ranges[0]?.startOffset}`;
        const before = lacking.get(key);
        const now = missed(each);
        const after = before === undefined ? now : common(before, now);
        if (before !== undefined && lengthOf(after) === lengthOf(before)) continue;
        grew = true;
        if (keep) lacking.set(key, after);
      }
    }
    return grew;
  }
  return {
    grew: () => take(true),
    wouldGrow: () => take(false),
    functions: () => lacking.size,
    stop: () => post("Profiler.stopPreciseCoverage"),
    async [Symbol.asyncDispose]() {
      await post("Profiler.stopPreciseCoverage");
      session.disconnect();
    },
  };
}
