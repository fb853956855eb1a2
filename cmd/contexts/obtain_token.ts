/** An API token for a name and a password, with a one-time code where the account asks for one. */
import { ApiError } from "../../shared/api/problem.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Cli } from "../cli.ts";
import { ask, readInput } from "../prompt.ts";
import { UsageError } from "../usage_error.ts";
import { connectAway, type Reached } from "./connect.ts";

export interface Login {
  readonly user?: string;
  readonly passwordStdin?: boolean;
  readonly code?: string;
  /** The second line of standard input is the code; the first one is the password. */
  readonly codeStdin?: boolean;
}

const MAX_PASSWORD_BYTES = 4_096;
const CODE_TRIES = 3;

interface Proof {
  readonly password: string;
  readonly code?: string;
}

async function proofFor(cli: Cli, user: string, options: Login): Promise<Proof> {
  const { host } = cli;
  const code = options.code === undefined ? {} : { code: options.code };
  if (options.passwordStdin === true) {
    const text = new TextDecoder().decode(await readInput(host, MAX_PASSWORD_BYTES));
    const whole = text.replace(/\r?\n$/, "");
    if (options.codeStdin !== true) return { password: whole, ...code };
    const [password = "", typed, ...more] = whole.split(/\r?\n/);
    if (typed !== undefined && more.length === 0) return { password, code: typed.trim() };
    throw new UsageError(
      "standard input is not the two lines that --password-stdin and --code-stdin ask for",
      "hand in the password, and the one-time code below it",
    );
  }
  if (host.terminal.inIsTerminal) {
    return { password: await ask(host, `Password of ${user} (not shown): `, true), ...code };
  }
  throw new UsageError(
    "there is no terminal to ask for the password",
    "hand it in: --password-stdin < FILE, or a token: --token-stdin < FILE",
  );
}

async function userFor(cli: Cli, { user, passwordStdin }: Login): Promise<string> {
  const mayAsk = cli.host.terminal.inIsTerminal && passwordStdin !== true;
  const named = user ?? (mayAsk ? (await ask(cli.host, "User: ", false)).trim() : "");
  if (named !== "") return named;
  throw new UsageError("no user is named", "write -u USER");
}

/** Where nobody is asked, the way is a flag. */
function withoutQuestion(refused: ApiError): SkerryError {
  if (refused.problem.code !== "code_needed") return refused;
  return new SkerryError(
    "code_needed",
    refused.problem.detail,
    "hand it in: --code CODE, or --code-stdin with the code as the second line of standard input",
    { cause: refused },
  );
}

/** The token's secret; the login itself leaves no session behind. */
export async function obtainToken(
  cli: Cli,
  name: string,
  reached: Reached,
  options: Login,
): Promise<string> {
  const { host } = cli;
  const user = await userFor(cli, options);
  const proof = await proofFor(cli, user, options);
  const { password } = proof;
  using connection = connectAway(name, reached);
  let { code } = proof;
  for (let tries = 1;; tries++) {
    try {
      const { token } = await connection.api.login({
        name: user,
        password,
        ...(code === undefined ? {} : { code }),
        token: { name: `skerry login on ${host.hostname}`.slice(0, 100) },
      });
      if (token !== null) return token.token;
      throw new SkerryError(
        "unexpected_answer",
        "the control plane gave no token for the login",
        "use a program of the same version",
      );
    } catch (thrown) {
      const wanted = thrown instanceof ApiError && tries <= CODE_TRIES &&
        (thrown.problem.code === "code_needed" || thrown.problem.code === "code_wrong");
      if (!wanted) throw thrown;
      const mayAsk = proof.code === undefined && options.passwordStdin !== true;
      if (!mayAsk || !host.terminal.inIsTerminal) throw withoutQuestion(thrown);
      if (thrown.problem.code === "code_wrong") host.terminal.err("that code does not hold\n");
      code = (await ask(host, "One-time code, or a recovery code: ", false)).trim();
    }
  }
}
