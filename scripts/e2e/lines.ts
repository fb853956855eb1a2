/** A command of the program that goes on, read line by line as another program would. */
import type { Box } from "./box.ts";
import { until } from "./lab/program.ts";

export interface Lines {
  /** Whole lines of its standard output so far. */
  readonly out: readonly string[];
  /** All of its standard error so far. */
  said(): string;
  /** Waits until one of the lines from `from` on fits; gives its number. */
  waitFor(what: string, fits: (line: string) => boolean, from?: number): Promise<number>;
  /** Closes the pipe that it writes to, as `head` does. */
  closePipe(): Promise<void>;
  interrupt(): void;
  ended(): boolean;
  readonly status: Promise<Deno.CommandStatus>;
  /** Ends it, in whatever way. */
  close(): Promise<void>;
}

const WITHIN_MS = 90_000;

/** Starts `skerry ARGS` on the box. @param home another folder than the box's own */
export function skerryLines(box: Box, args: readonly string[], home = box.layout.home): Lines {
  const main = new URL("../../cmd/main.ts", import.meta.url).pathname;
  const [program = "", ...rest] = [
    ...[...box.host.enter, "env", `SKERRY_HOME=${home}`, "NO_COLOR=1"],
    ...["deno", "run", "-A", "--quiet", main, ...args],
  ];
  const child = new Deno.Command(program, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const out: string[] = [];
  let err = "";
  let ended = false;
  const status = child.status.then((result) => {
    ended = true;
    return result;
  });
  const stdout = child.stdout.getReader();
  const stderr = child.stderr.getReader();
  const read = async (
    reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    take: (text: string) => void,
  ) => {
    const decoder = new TextDecoder();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      take(decoder.decode(part.value, { stream: true }));
    }
  };
  let open = "";
  const reading = Promise.allSettled([
    read(stdout, (text) => {
      const lines = (open + text).split("\n");
      open = lines.pop() ?? "";
      out.push(...lines);
    }),
    read(stderr, (text) => void (err += text)),
  ]);
  const kill = (signal: Deno.Signal) => {
    if (!ended) child.kill(signal);
  };
  return {
    out,
    said: () => err,
    async waitFor(what, fits, from = 0) {
      let found = -1;
      try {
        await until(what, async () => {
          found = out.findIndex((line, index) => index >= from && fits(line));
          return found >= 0 || ended;
        }, WITHIN_MS);
      } catch (thrown) {
        throw new Error(`${what}; so far:\n${out.join("\n").slice(-4_000)}\n${err}`, {
          cause: thrown,
        });
      }
      if (found < 0) {
        throw new Error(`${what}, but it ended:\n${out.join("\n").slice(-4_000)}${err}`);
      }
      return found;
    },
    closePipe: () => stdout.cancel(),
    interrupt: () => kill("SIGINT"),
    ended: () => ended,
    status,
    async close() {
      kill("SIGKILL");
      await status;
      await reading;
    },
  };
}
