/** `skerry login` and `skerry logout`: a control plane elsewhere, from then on as if one sat at it. */
import type { Command } from "commander";
import { z } from "zod";
import { SkerryError } from "../../shared/errors.ts";
import { type Cli, examples, sharedOptions, subcommand } from "../cli.ts";
import {
  contextNameFor,
  type ControlAddress,
  controlAddress,
  fingerprintFrom,
} from "../contexts/address.ts";
import {
  type Book,
  createContextBook,
  LOCAL,
  withContext,
  withoutContext,
} from "../contexts/book.ts";
import { connectAway, LOGGED_OUT, type Reached } from "../contexts/connect.ts";
import { claimedAuthority, isTrusted } from "../contexts/first_contact.ts";
import { obtainToken } from "../contexts/obtain_token.ts";
import { contextName } from "../place.ts";
import { ask, readInput } from "../prompt.ts";
import { UsageError } from "../usage_error.ts";

const LoginOptions = z.object({
  name: z.string().exactOptional(),
  user: z.string().exactOptional(),
  fingerprint: z.string().exactOptional(),
  passwordStdin: z.boolean().exactOptional(),
  tokenStdin: z.boolean().exactOptional(),
  code: z.string().exactOptional(),
  codeStdin: z.boolean().exactOptional(),
});
type LoginOptions = z.infer<typeof LoginOptions>;

const MAX_TOKEN_BYTES = 1_000;

/** The pin of this server: confirmed by whoever logs in, or the one from before; null: trusted anyway. */
async function pinOf(
  cli: Cli,
  address: ControlAddress,
  options: LoginOptions,
  before: string | null | undefined,
): Promise<string | null> {
  const { host } = cli;
  const wanted = options.fingerprint === undefined ? null : fingerprintFrom(options.fingerprint);
  if (options.fingerprint !== undefined && wanted === null) {
    throw new UsageError(
      `--fingerprint: ${JSON.stringify(options.fingerprint.slice(0, 120))} is no SHA-256`,
      "write the 64 hex digits that `skerry ca show` prints on the box",
    );
  }
  if (wanted === null && before === undefined && await isTrusted(address)) return null;
  // Held to what was pinned: connecting tells whether it is still the same.
  if (before !== undefined && wanted === null) return before;
  const { pem, fingerprint } = await claimedAuthority(address);
  if (wanted !== null) {
    if (fingerprint === wanted) return pem;
    throw new SkerryError(
      "fingerprint_differs",
      `${address.url} does not show the authority that was named. Nothing was sent.\n` +
        `named: ${wanted}\nshown: ${fingerprint}`,
      "compare with `skerry ca show` on the box itself; a wrong one means that somebody else answers",
    );
  }
  host.terminal.err(
    `${address.url} was never talked to before. Its authority has the fingerprint (SHA-256)\n` +
      `  ${fingerprint}\nCompare it with \`skerry ca show\` on the box itself.\n`,
  );
  if (!host.terminal.inIsTerminal) {
    throw new UsageError(
      "there is no terminal to confirm it",
      `where it is right, write --fingerprint ${fingerprint.replaceAll(":", "")}`,
    );
  }
  const answer = await ask(host, "Is it the same (yes/no)? ", false);
  if (!/^(y|yes)$/i.test(answer.trim())) {
    throw new SkerryError("not_confirmed", "it was not confirmed; nothing was sent or stored");
  }
  return pem;
}

async function tokenFromInput(cli: Cli): Promise<string> {
  const text = new TextDecoder().decode(await readInput(cli.host, MAX_TOKEN_BYTES)).trim();
  if (/^skt_[A-Za-z0-9_-]+$/.test(text)) return text;
  throw new UsageError(
    "what came by standard input is no API token",
    "hand in what `skerry token create` printed: it begins with skt_",
  );
}

/** Who one is with a token; throws where it is refused. */
async function userOf(name: string, reached: Reached): Promise<string> {
  using connection = connectAway(name, reached);
  return (await connection.api.me()).name;
}

async function login(cli: Cli, written: string, options: LoginOptions): Promise<void> {
  const { host } = cli;
  const address = controlAddress(written);
  const name = options.name === undefined ? contextNameFor(address) : contextName(options.name);
  if (name === LOCAL) {
    throw new UsageError('the name "local" is that of this machine', "choose another: --name NAME");
  }
  if (options.passwordStdin === true && options.tokenStdin === true) {
    throw new UsageError(
      "--password-stdin and --token-stdin exclude each other",
      "leave one of them",
    );
  }
  if (
    options.codeStdin === true && (options.passwordStdin !== true || options.code !== undefined)
  ) {
    throw new UsageError(
      "--code-stdin goes with --password-stdin, and without --code",
      "write the password, then the code, a line each, to --password-stdin --code-stdin",
    );
  }
  const book = createContextBook(host.env);
  const before = (await book.read()).contexts[name];
  if (before !== undefined && before.url !== address.url) {
    throw new UsageError(
      `the context "${name}" is ${before.url} already`,
      "choose another name with --name, or remove that one: skerry context remove " + name,
    );
  }
  const authority = await pinOf(cli, address, options, before?.authority);
  const reached = { url: address.url, authority, token: null };
  const token = options.tokenStdin === true
    ? await tokenFromInput(cli)
    : await obtainToken(cli, name, reached, options);
  const user = await userOf(name, { ...reached, token });
  // Read again: asking took its time.
  const entry = { url: address.url, user, token, authority };
  await book.write(withContext(await book.read(), name, entry));
  host.terminal.err(
    `logged in to ${address.url} as ${user}; commands go to the context "${name}" from now on\n` +
      "  back to this machine: skerry context use local\n",
  );
}

/** Revokes the token there, and forgets it here in any case. */
async function logout(cli: Cli, written: string | undefined): Promise<void> {
  const book = createContextBook(cli.host.env);
  const known: Book = await book.read();
  const name = written ?? known.current;
  const entry = name === null ? undefined : known.contexts[name];
  if (name === null || entry === undefined) {
    throw new SkerryError(
      "no_context",
      name === null ? "nothing is logged in to" : `there is no context "${name}"`,
      "`skerry context list` lists those that there are",
    );
  }
  let revoked: unknown = null;
  try {
    using connection = connectAway(name, entry);
    await connection.api.logout();
  } catch (thrown) {
    // One that is refused has nothing to revoke.
    if (!(thrown instanceof SkerryError && thrown.code === LOGGED_OUT)) revoked = thrown;
  }
  await book.write(withoutContext(await book.read(), name));
  if (revoked === null) {
    cli.host.terminal.err(`logged out of ${entry.url}; its token holds no more\n`);
    return;
  }
  throw new SkerryError(
    "not_revoked",
    `the login at ${entry.url} is forgotten here, but its token could not be revoked there`,
    "revoke it on the page there (tokens), or on the box: skerry token revoke",
    { cause: revoked },
  );
}

/** Adds `login` and `logout`. */
export function addLogin(program: Command, cli: Cli): void {
  const bare = { project: false };
  const command = subcommand(program, "login <url>", "log in to a Skerry elsewhere", bare)
    .option("--name <name>", "what to call it here; else after its host")
    .option("-u, --user <user>", "who to be there; asked for on a terminal")
    .option("--password-stdin", "take the password from standard input")
    .option("--code <code>", "a one-time code, where the account asks for one")
    .option("--code-stdin", "take it from standard input, below the password")
    .option("--token-stdin", "take an API token from standard input instead of logging in")
    .option("--fingerprint <sha256>", "the authority that it must show; asked for on a terminal");
  examples(
    command,
    "skerry login https://box:7443",
    "skerry login box --name plant-7 -u anna",
    "skerry login box --fingerprint 9F86… --token-stdin < token.txt       for scripts",
  );
  command.addHelpText(
    "after",
    "\nAt the first contact the authority of the server is shown and, once it is confirmed, kept: a\n" +
      "server with another one is refused from then on. It stays while its certificates are renewed.",
  );
  command.action((url: string, raw: unknown) => login(cli, url, LoginOptions.parse(raw)));
  subcommand(program, "logout", "revoke the token of a login, and forget it", bare)
    .action((_raw: unknown, given: Command) => logout(cli, sharedOptions(given).context));
}
