/** A Skerry under strace, with all that it starts: each time something is made lasting, it is counted. */
import type { LabHost } from "../e2e/lab/host.ts";

/** What makes a file, or a name, lasting. */
const CALLS = "fsync,fdatasync,sync_file_range,rename,renameat,renameat2";

/** So long each of them is held back at its end: who looks at the disk then sees just this call. */
export const HELD_MS = 50;

/** One call that has ended. */
export interface Call {
  /** As strace writes it. */
  readonly text: string;
  /** When it ended, in milliseconds since 1970; it is held for HELD_MS from then on. */
  readonly endedMs: number;
}

export interface Trace {
  /** Stands before `skerry up`. */
  readonly under: readonly string[];
  /** From now on `ended` is called at each call's end. null: nobody is. */
  listen(ended: ((call: Call) => void) | null): void;
}

/** Begins to listen; one program may be started under it. */
export async function createTrace(host: LabHost): Promise<Trace> {
  const pipe = `${host.dir}/trace-${crypto.randomUUID().slice(0, 8)}`;
  await host.must(["mkfifo", pipe]);
  let ended: ((call: Call) => void) | null = null;
  const listen = async () => {
    using file = await Deno.open(pipe);
    const lines = file.readable.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const text of lines) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        const call = callOf(line);
        if (call !== null) ended?.(call);
      }
    }
  };
  // It ends with the program, or with the lab.
  listen().catch(() => {});
  return {
    under: [
      ...["strace", "-f", "-qq", "--seccomp-bpf", "-y", "-ttt", "-T", "-e", "signal=none"],
      ...["-e", `trace=${CALLS}`, "-e", `inject=${CALLS}:delay_exit=${HELD_MS * 1000}`],
      ...["-o", pipe, "--"],
    ],
    listen(then) {
      ended = then;
    },
  };
}

/** null: it has only begun. Pure. */
export function callOf(line: string): Call | null {
  const [, began, text, lasted] =
    /^\d+ +(\d+\.\d+) (.*(?:\)|resumed.*) += .*) <(\d+\.\d+)>$/.exec(line) ?? [];
  if (began === undefined || text === undefined || lasted === undefined) return null;
  // A call that another thread interrupts has two lines; the second one tells its end.
  const seconds = Number(began) + (text.startsWith("<... ") ? 0 : Number(lasted));
  return { text: text.replace(/ +=/, " =").replace(/ \(DELAYED\)$/, ""), endedMs: seconds * 1000 };
}
