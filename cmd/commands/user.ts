/** `skerry user list|create|grant|disable|enable|reset|delete|setup-link`. A password comes by prompt or standard input. */
import type { Command } from "commander";
import { z } from "zod";
import { AccountName, type AccountView, type LinkAnswer } from "../../shared/api/accounts.ts";
import { LIMITS } from "../../shared/api/limits.ts";
import { SkerryError } from "../../shared/errors.ts";
import { Grant, type Role, ROLES } from "../../shared/model/role.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { type Cli, examples, printList, subcommand, withApi } from "../cli.ts";
import type { Column } from "../output/table.ts";
import { agoText } from "../output/words.ts";
import { ask, readInput } from "../prompt.ts";
import { printable } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

const CreateOptions = z.object({
  role: z.array(z.string()).exactOptional(),
  password: z.boolean().exactOptional(),
  passwordStdin: z.boolean().exactOptional(),
});

/** Grants in words: `admin`, `operator:shop`. */
export function grantsCell(grants: readonly Grant[]): string {
  return grants.map(({ role, project }) => project === null ? role : `${role}:${project}`)
    .join(", ") || "-";
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

/** `admin`, or `operator:shop` for one project. */
export function grantOf(written: string): Grant {
  const [role = "", project, ...rest] = written.split(":");
  const named = project === undefined ? null : ProjectName.safeParse(project);
  if (isRole(role) && rest.length === 0 && (named === null || named.success)) {
    return { role, project: named === null ? null : named.data };
  }
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 100))} is no role`,
    `write one of ${ROLES.join(", ")}; for one project alone ROLE:PROJECT, such as operator:shop`,
  );
}

/** An account's name as it was written; a UsageError where it cannot be one. */
export function accountName(written: string): string {
  const name = AccountName.safeParse(written);
  if (name.success) return name.data;
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 100))} is no name of an account`,
    "write letters, digits, dots, hyphens, _ and @, at most 64",
  );
}

function columns(now: number): readonly Column<AccountView>[] {
  return [
    { title: "USER", cell: (row) => row.name },
    { title: "ROLES", cell: (row) => grantsCell(row.grants) },
    {
      title: "STATE",
      cell: (row) => row.disabled ? "disabled" : row.hasPassword ? "active" : "link not used yet",
    },
    { title: "CODES", cell: (row) => row.totp ? "yes" : "no" },
    { title: "SESSIONS", cell: (row) => String(row.sessions) },
    { title: "TOKENS", cell: (row) => String(row.tokens) },
    {
      title: "LAST LOGIN",
      cell: (row) => row.lastLoginAt === null ? "never" : agoText(row.lastLoginAt, now),
    },
  ];
}

function showLink(cli: Cli, link: LinkAnswer, what: string): void {
  const { terminal } = cli.host;
  terminal.err(`${what}; the link is good for one use, within a day:\n`);
  terminal.out(`${printable(link.url)}\n`);
}

async function typedPassword(cli: Cli, name: string, fromInput: boolean): Promise<string> {
  const { host } = cli;
  if (fromInput) {
    const text = new TextDecoder().decode(await readInput(host, LIMITS.passwordBytes));
    return text.replace(/\r?\n$/, "");
  }
  if (!host.terminal.inIsTerminal) {
    throw new UsageError("a password is asked for on a terminal", "write --password-stdin");
  }
  const once = await ask(host, `Password of ${name} (not shown): `, true);
  const again = await ask(host, "Once more: ", true);
  if (once === again) return once;
  throw new SkerryError("not_equal", "the two passwords differ; nothing was done", "try again");
}

/** Adds `user`. */
export function addUser(program: Command, cli: Cli): void {
  const user = program.command("user").description("who logs in, and what each may");
  const alone = { project: false };
  const say = (text: string) => cli.host.terminal.err(`${text}\n`);

  subcommand(user, "list", "accounts and what each may", { ...alone, output: true }).alias("ls")
    .action((_raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        const rows = await api.accounts();
        await printList(cli, command, rows, columns(cli.host.clock.now()), "no accounts");
      })
    );

  const create = subcommand(user, "create <name>", "make an account", alone)
    .option("--role <role...>", "admin, operator or viewer; of one project alone: ROLE:PROJECT")
    .option("--password", "ask for its password instead of making a link")
    .option("--password-stdin", "read its password from standard input");
  examples(
    create,
    "skerry user create ada --role admin              prints a one-time link to set a password",
    "skerry user create bob --role operator:shop viewer:plant",
  );
  create.action(async (written: string, raw: unknown, command: Command) => {
    const name = accountName(written);
    const { role = [], password = false, passwordStdin = false } = CreateOptions.parse(raw);
    const grants = role.map(grantOf);
    const typed = password || passwordStdin
      ? await typedPassword(cli, name, passwordStdin)
      : undefined;
    await withApi(cli, command, async (api) => {
      const made = await api.createAccount({
        name,
        grants,
        ...(typed === undefined ? {} : { password: typed }),
      });
      const what = `${name} may ${grantsCell(made.account.grants)}`;
      if (made.link === null) say(what);
      else showLink(cli, made.link, what);
    });
  });

  examples(
    subcommand(
      user,
      "grant <name> [role...]",
      "what an account may from now on; none: nothing",
      alone,
    )
      .action((written: string, roles: readonly string[], _raw: unknown, command: Command) => {
        const name = accountName(written);
        const grants = roles.map(grantOf);
        return withApi(cli, command, async (api) => {
          const account = await api.setGrants(name, grants);
          say(`${name} may ${grantsCell(account.grants)}`);
        });
      }),
    "skerry user grant bob operator:shop viewer",
  );

  for (const [word, disabled] of [["disable", true], ["enable", false]] as const) {
    const summary = disabled ? "let nobody log in with it any more" : "let it be used again";
    subcommand(user, `${word} <name>`, summary, alone)
      .action((written: string, _raw: unknown, command: Command) => {
        const name = accountName(written);
        return withApi(cli, command, async (api) => {
          await api.setAccountDisabled(name, disabled);
          say(`${name} is ${word}d`);
        });
      });
  }

  subcommand(
    user,
    "reset <name>",
    "take password, one-time codes, sessions and tokens away; gives a link to begin anew",
    alone,
  ).action((written: string, _raw: unknown, command: Command) => {
    const name = accountName(written);
    return withApi(cli, command, async (api) => {
      showLink(cli, await api.resetAccount(name), `${name} begins anew`);
    });
  });

  subcommand(user, "delete <name>", "remove an account with its sessions and tokens", alone)
    .alias("rm").action((written: string, _raw: unknown, command: Command) => {
      const name = accountName(written);
      return withApi(cli, command, async (api) => {
        await api.deleteAccount(name);
        say(`${name} is removed`);
      });
    });

  subcommand(user, "setup-link", "a fresh link that makes the first administrator", alone)
    .action((_raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        showLink(
          cli,
          await api.createSetupLink(),
          "open it in a browser to make the administrator",
        );
      })
    );
}
