/** Running the machine's own programs for the lab. */
import { type CommandResult, createRunCommand } from "../../../shared/command.ts";

/** Runs a program on the machine itself. */
export const runProgram = createRunCommand();

/** Its standard output; a failure is an error with what the program said. */
export async function checked(argv: readonly string[]): Promise<string> {
  return outputOf(argv, await runProgram(argv));
}

/** The standard output of a program that ended with 0; else an error. */
export function outputOf(argv: readonly string[], result: CommandResult): string {
  if (result.code !== 0) {
    throw new Error(`"${argv.join(" ")}" failed (${result.code}): ${result.stderr.slice(0, 2000)}`);
  }
  return result.stdout;
}

/**
 * Tries until it holds. What `holds` throws counts as "not yet": the things it asks may themselves be
 * on their way back up. The error at the deadline says what was waited for, and what was thrown last.
 */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  timeoutMs = 30_000,
  everyMs = 25,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      if (await holds()) return;
    } catch (thrown) {
      cause = thrown;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
