/** Running a program to its end: an argv array, never a shell, with bounded time and output. */
import { messageOf, SkerryError } from "./errors.ts";

export interface CommandOptions {
  /** Written to standard input, which is then closed; absent: empty. */
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Set beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL after this; default 30 s. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves with whatever code the program ended with; rejects where it could not run to its end. */
export type RunCommand = (
  argv: readonly string[],
  options?: CommandOptions,
) => Promise<CommandResult>;

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Runs programs on this machine, with the environment of this process.
 * Errors: `program_missing`, `program_timeout`, `program_failed`.
 */
export function createRunCommand(): RunCommand {
  return async (argv, options = {}) => {
    const [program, ...args] = argv;
    if (program === undefined) throw new RangeError("an empty argv");
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    options.signal?.throwIfAborted();
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program, {
        args,
        // What programs say is parsed: never in the operator's language.
        env: { ...options.env, LC_ALL: "C" },
        stdin: options.stdin === undefined ? "null" : "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) {
        throw new SkerryError(
          "program_missing",
          `cannot run "${program}": the program is not installed`,
          `install the package that brings "${program}"`,
          { cause: thrown },
        );
      }
      throw new SkerryError(
        "program_failed",
        `cannot run "${program}": ${messageOf(thrown)}`,
        null,
        {
          cause: thrown,
        },
      );
    }
    let timedOut = false;
    const kill = () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    options.signal?.addEventListener("abort", kill);
    try {
      // Reading starts first: a program that writes while it reads would else wait for us for ever.
      const ended = child.output();
      if (options.stdin !== undefined) await feed(child.stdin, options.stdin);
      const output = await ended;
      options.signal?.throwIfAborted();
      if (timedOut) {
        throw new SkerryError(
          "program_timeout",
          `"${argv.join(" ")}" did not end within ${timeoutMs / 1000} s`,
        );
      }
      const decoder = new TextDecoder();
      return {
        code: output.code,
        stdout: decoder.decode(output.stdout),
        stderr: decoder.decode(output.stderr),
      };
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", kill);
    }
  };
}

/** A program that ends without reading all its input is told by its exit code, not by a broken pipe. */
async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    await writer.abort().catch(() => {});
  }
}
