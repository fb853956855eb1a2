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
}

const MAX_PASSWORD_BYTES = 4_096;
const CODE_TRIES = 3;

async function passwordFor(cli: Cli, user: string, fromStdin: boolean): Promise<string> {
  const { host } = cli;
  if (fromStdin) {
    const text = new TextDecoder().decode(await readInput(host, MAX_PASSWORD_BYTES));
    return text.replace(/\r?\n$/, "");
  }
  if (host.terminal.inIsTerminal) return await ask(host, `Password of ${user} (not shown): `, true);
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

/** The token's secret; the login itself leaves no session behind. */
export async function obtainToken(
  cli: Cli,
  name: string,
  reached: Reached,
  options: Login,
): Promise<string> {
  const { host } = cli;
  const user = await userFor(cli, options);
  const password = await passwordFor(cli, user, options.passwordStdin === true);
  using connection = connectAway(name, reached);
  let { code } = options;
  for (let tries = 1;; tries++) {
    try {
      const { token } = await connection.api.login({
        name: user,
        password,
        ...(code === undefined ? {} : { code }),
        token: { name: `skerry login on ${host.hostname}`.slice(0, 100) },
      });
      if (token !== null) return token.token;
      throw new SkerryError("unexpected_answer", "the control plane gave no token for the login");
    } catch (thrown) {
      const wanted = thrown instanceof ApiError && tries <= CODE_TRIES &&
        (thrown.problem.code === "code_needed" || thrown.problem.code === "code_wrong");
      if (!wanted || options.code !== undefined || !host.terminal.inIsTerminal) throw thrown;
      if (options.passwordStdin === true) throw thrown;
      if (thrown.problem.code === "code_wrong") host.terminal.err("that code does not hold\n");
      code = (await ask(host, "One-time code, or a recovery code: ", false)).trim();
    }
  }
}
