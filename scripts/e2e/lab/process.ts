/** A program that runs in a host while the test goes on. */
import { until } from "./program.ts";

export interface LabProcess {
  /** The program's own pid on the machine. */
  readonly pid: number;
  readonly status: Promise<Deno.CommandStatus>;
  /** What it has written so far, both streams, the last MiB. */
  text(): string;
  /** Waits until the text matches; an error at the deadline, or when it ends before. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  kill(signal: Deno.Signal): void;
  /** SIGTERM, after 3 s SIGKILL; resolves when it has ended. May be repeated. */
  stop(): Promise<void>;
}

const KEPT = 1 << 20;

/** Starts it; standard input is empty. */
export function spawnProcess(argv: readonly string[]): LabProcess {
  const [program, ...args] = argv;
  if (program === undefined) throw new RangeError("an empty argv");
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  let ended = false;
  const readers = [child.stdout.getReader(), child.stderr.getReader()];
  const drain = async (reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) => {
    const decoder = new TextDecoder();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text = (text + decoder.decode(part.value, { stream: true })).slice(-KEPT);
    }
  };
  const drained = Promise.allSettled(readers.map(drain));
  const status = child.status.then((result) => {
    ended = true;
    return result;
  });
  const kill = (signal: Deno.Signal) => {
    if (ended) return;
    try {
      child.kill(signal);
    } catch {
      // It ended in this moment.
    }
  };
  return {
    pid: child.pid,
    status,
    text: () => text,
    async waitFor(pattern, timeoutMs = 10_000) {
      const what = `${program} to print ${pattern}`;
      try {
        await until(what, async () => pattern.test(text) || ended, timeoutMs);
      } catch (thrown) {
        throw new Error(`${what}; it printed:\n${text.slice(-4000)}`, { cause: thrown });
      }
      if (!pattern.test(text)) throw new Error(`${what}, but it ended:\n${text.slice(-4000)}`);
    },
    kill,
    async stop() {
      kill("SIGTERM");
      const timer = setTimeout(() => kill("SIGKILL"), 3_000);
      await status;
      clearTimeout(timer);
      // A grandchild may keep the pipe open.
      const patience = setTimeout(() => {
        for (const reader of readers) reader.cancel().catch(() => {});
      }, 500);
      await drained;
      clearTimeout(patience);
    },
  };
}
