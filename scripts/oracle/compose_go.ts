/** compose-go beside us: the program in compose/, built where Go is, asked over a pipe. */
import { Answer } from "../../shared/compose/testing/same.ts";

const SOURCE = new URL("./compose/", import.meta.url).pathname;
/** Names a program that is built already. */
const NAMED = "SKERRY_COMPOSE_ORACLE";

export interface Question {
  readonly files: readonly string[];
  readonly dir: string;
  /** `-p`; empty: not given. */
  readonly name: string;
  readonly profiles: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ComposeGo extends AsyncDisposable {
  ask(question: Question): Promise<Answer>;
}

/** The program that SKERRY_COMPOSE_ORACLE names, or one built into `folder`; else why there is none. */
export async function composeGoProgram(
  folder: string,
): Promise<{ readonly program: string } | { readonly lacking: string }> {
  const named = Deno.env.get(NAMED);
  if (named !== undefined) return { program: named };
  const program = `${folder}/compose-go`;
  try {
    const { success, stderr } = await new Deno.Command("go", {
      args: ["build", "-o", program, "."],
      cwd: SOURCE,
      stdin: "null",
    }).output();
    if (success) return { program };
    return { lacking: `it cannot be built: ${new TextDecoder().decode(stderr).trim()}` };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return { lacking: "there is no Go here" };
    throw thrown;
  }
}

async function* linesOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Starts the program; one question is asked at a time. `home` is what `~` in a path means. */
export function startComposeGo(program: string, home: string): ComposeGo {
  const child = new Deno.Command(program, {
    args: ["--lines"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    clearEnv: true,
    env: { HOME: home },
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = linesOf(child.stdout);
  const encoder = new TextEncoder();
  return {
    async ask({ files, dir, name, profiles, environment }) {
      const env = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
      const question = JSON.stringify({ files, dir, name, profiles, env });
      await writer.write(encoder.encode(question + "\n"));
      const line = await lines.next();
      if (line.done === true) throw new Error(`compose-go ended at the question ${question}`);
      return Answer.parse(JSON.parse(line.value));
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await child.status;
    },
  };
}
