/** `skerry registry login|logout|set|rm|list`. A password comes by prompt or standard input, never in argv. */
import type { Command } from "commander";
import { z } from "zod";
import { LIMITS } from "../../shared/api/limits.ts";
import type { LoginAnswer, RegistryView } from "../../shared/api/registries.ts";
import { SkerryError } from "../../shared/errors.ts";
import {
  MAX_MIRRORS,
  mirrorLocation,
  registryHost,
  RegistryLogin,
} from "../../shared/model/registry.ts";
import { type Cli, examples, printList, subcommand, withApi } from "../cli.ts";
import type { Column } from "../output/table.ts";
import { agoText } from "../output/words.ts";
import { ask, readInput } from "../prompt.ts";
import { printable } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

const LoginOptions = z.object({
  username: z.string().exactOptional(),
  passwordStdin: z.boolean().exactOptional(),
  check: z.boolean(),
});
const SetOptions = z.object({
  mirror: z.array(z.string()).exactOptional(),
  plainHttp: z.boolean().exactOptional(),
});

function columns(now: number): readonly Column<RegistryView>[] {
  return [
    { title: "REGISTRY", cell: (row) => row.host },
    { title: "LOGIN", cell: (row) => printable(row.username ?? "-") },
    { title: "BY", cell: (row) => (row.plainHttp ? "plain http" : "https") },
    { title: "MIRRORS", cell: (row) => row.mirrors.join(", ") || "-" },
    { title: "CHANGED", cell: (row) => agoText(row.changedAt, now) },
  ];
}

/** The host as references bear it; a UsageError where it cannot be one, before anything is read. */
function hostOf(written: string): string {
  const host = registryHost(written);
  if (host !== null) return host;
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 100))} is no registry`,
    "write its host, with a port where it has one, such as registry.plant.lan:5000 or docker.io",
  );
}

function mirrorOf(written: string): string {
  const location = mirrorLocation(written);
  if (location !== null) return location;
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 100))} is no place of a mirror`,
    "write HOST[:PORT][/PATH]; for plain http name its host: skerry registry set HOST --plain-http",
  );
}

async function usernameFor(cli: Cli, options: z.infer<typeof LoginOptions>): Promise<string> {
  const { host } = cli;
  const mayAsk = host.terminal.inIsTerminal && options.passwordStdin !== true;
  const username = options.username ?? (mayAsk ? await ask(host, "User: ", false) : "");
  if (RegistryLogin.shape.username.safeParse(username).success) return username;
  throw new UsageError(
    username === "" ? "registry login: no user is named" : "a user's name has no colon in it",
    "write -u USER",
  );
}

async function passwordFor(
  cli: Cli,
  registry: string,
  fromStdin: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const { host } = cli;
  if (fromStdin) {
    const value = await readInput(host, LIMITS.passwordBytes);
    const end = value.at(-1) === 10 ? (value.at(-2) === 13 ? 2 : 1) : 0;
    return value.subarray(0, value.length - end);
  }
  if (host.terminal.inIsTerminal) {
    const typed = await ask(host, `Password at ${registry} (not shown): `, true);
    return new TextEncoder().encode(typed);
  }
  throw new UsageError(
    "registry login: there is no terminal to ask for the password",
    "hand it in: skerry registry login HOST -u USER --password-stdin < FILE",
  );
}

function loginText({ registry, check, onNode }: LoginAnswer): string {
  const said: Record<LoginAnswer["check"], string> = {
    accepted: "the registry accepts it",
    not_asked: "the registry asks nobody for a login, so it was not tried",
    unchecked: "not tried",
  };
  const later = onNode ? "" : "; the node gets it when it is connected";
  return `logged in to ${registry.host} as ${printable(registry.username ?? "")} ` +
    `(${said[check]}${later})\n`;
}

/** Adds `registry`. */
export function addRegistry(program: Command, cli: Cli): void {
  const { terminal, clock } = cli.host;
  const registry = program.command("registry")
    .description("image registries: logins, mirrors, plain http");

  const login = subcommand(registry, "login <host>", "log in; it is tried, then kept sealed", {
    // Elsewhere -p is a password: it must not be taken for a project in silence.
    project: false,
  })
    .option("-u, --username <user>", "who to be there; asked for on a terminal")
    .option("--password-stdin", "take the password (or token) from standard input")
    .option("--no-check", "do not try it at the registry first");
  examples(
    login,
    "skerry registry login ghcr.io -u me                  asks for the password",
    "skerry registry login docker.io -u me --password-stdin < token.txt",
  );
  login.addHelpText(
    "after",
    "\nOf standard input one newline at the end is left off. The password is encrypted in the\n" +
      "database, sealed to the node on its way, and on no disk in clear text. Pulls, pushes and\n" +
      "builds use it for this host alone.",
  );
  login.action(async (written: string, raw: unknown, command: Command) => {
    const host = hostOf(written);
    const options = LoginOptions.parse(raw);
    const username = await usernameFor(cli, options);
    const password = await passwordFor(cli, host, options.passwordStdin === true);
    if (password.length === 0) {
      throw new SkerryError(
        "empty",
        "the password is empty; nothing was stored",
        "type it, or hand it in with --password-stdin",
      );
    }
    await withApi(cli, command, async (api) => {
      terminal.err(
        loginText(await api.putRegistryLogin(host, { username, password }, options.check)),
      );
    });
  });

  subcommand(registry, "logout <host>", "forget a login", { project: false })
    .action((written: string, _raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        const host = hostOf(written);
        await api.deleteRegistryLogin(host);
        terminal.err(`the login at ${host} is forgotten\n`);
      })
    );

  const set = subcommand(registry, "set <host>", "say how a registry is reached", {
    project: false,
  })
    .option(
      "--mirror <location>",
      "HOST[:PORT][/PATH] that is asked first; may be given several times",
      (value: string, before: string[] | undefined) => [...before ?? [], value],
    )
    .option("--plain-http", "it may speak http without TLS");
  examples(
    set,
    "skerry registry set registry.plant.lan:5000 --plain-http",
    "skerry registry set docker.io --mirror cache.plant.lan/hub --mirror mirror.example.org",
    "skerry registry set docker.io                        no mirrors any more",
  );
  set.addHelpText(
    "after",
    "\nWhat is not given is off again; a login stays. Mirrors are asked in their order, then the\n" +
      "registry itself; they are never given its login, but their own, where there is one\n" +
      "(skerry registry login MIRROR). Without --plain-http only https with a trusted\n" +
      "certificate is spoken, except to this machine (localhost, 127.0.0.1).",
  );
  set.action((written: string, raw: unknown, command: Command) => {
    const host = hostOf(written);
    const options = SetOptions.parse(raw);
    const mirrors = [...new Set((options.mirror ?? []).map(mirrorOf))];
    if (mirrors.length > MAX_MIRRORS) {
      throw new UsageError(`registry set: more than ${MAX_MIRRORS} mirrors`, "name fewer");
    }
    if (mirrors.includes(host)) {
      throw new UsageError(`registry set: "${host}" cannot mirror itself`, "leave it away");
    }
    return withApi(cli, command, async (api) => {
      const view = await api.putRegistry(host, { plainHttp: options.plainHttp === true, mirrors });
      const by = view.plainHttp ? "plain http" : "https";
      const first = view.mirrors.length === 0 ? "" : `, after ${view.mirrors.join(", ")}`;
      terminal.err(`${host} is reached by ${by}${first}\n`);
    });
  });

  subcommand(registry, "rm <hosts...>", "forget registries: how they are reached, and logins", {
    project: false,
  })
    .action((written: string[], _raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        for (const host of written.map(hostOf)) {
          await api.deleteRegistry(host);
          terminal.err(`${host} is forgotten\n`);
        }
      })
    );

  subcommand(registry, "list", "registries and who the node is there, never passwords", {
    output: true,
    project: false,
  }).alias("ls").action((_raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const none = "nothing was said of any registry";
      await printList(cli, command, await api.registries(), columns(clock.now()), none);
    })
  );
}
