/** A Skerry under strace, with all that it starts: each time something is made lasting, it is counted. */
import type { LabHost } from "../e2e/lab/host.ts";

/** What makes a file, or a name, lasting. */
const CALLS = "fsync,fdatasync,sync_file_range,rename,renameat,renameat2";

export interface Trace {
  /** Stands before `skerry up`. */
  readonly under: readonly string[];
  /** Calls seen since the last `arm`. */
  count(): number;
  /** What the last ones were, for a failure's message. */
  last(): string;
  /** Counts anew; `hit` is called right after the `nth` call from now on. null: only counts. */
  arm(nth: number | null, hit?: () => void): void;
}

/** Begins to listen; one program may be started under it. */
export async function createTrace(host: LabHost): Promise<Trace> {
  const pipe = `${host.dir}/trace-${crypto.randomUUID().slice(0, 8)}`;
  await host.must(["mkfifo", pipe]);
  let seen = 0;
  let last = "";
  let nth: number | null = null;
  let hit: () => void = () => {};
  const listen = async () => {
    using file = await Deno.open(pipe);
    const lines = file.readable.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const text of lines) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        // A call that another thread interrupts has two lines; the second one tells its end.
        if (!/(?:\)|resumed.*) += /.test(line)) continue;
        seen += 1;
        last = line;
        if (seen === nth) hit();
      }
    }
  };
  // It ends with the program, or with the lab.
  listen().catch(() => {});
  return {
    under: [
      ...["strace", "-f", "-qq", "--seccomp-bpf", "-e", "signal=none"],
      ...["-e", `trace=${CALLS}`, "-o", pipe, "--"],
    ],
    count: () => seen,
    last: () => last,
    arm(number, then = () => {}) {
      seen = 0;
      nth = number;
      hit = then;
    },
  };
}
