/** `skerry token create|list|revoke`: API tokens for programs. */
import type { Command } from "commander";
import { z } from "zod";
import { TokenName, type TokenView } from "../../shared/api/accounts.ts";
import { TokenId } from "../../shared/model/ids.ts";
import { type Cli, examples, printList, subcommand, withApi } from "../cli.ts";
import type { Column } from "../output/table.ts";
import { agoText } from "../output/words.ts";
import { printable } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";
import { accountName, grantOf, grantsCell } from "./user.ts";

const UserOption = z.object({ user: z.string().exactOptional() });
const CreateOptions = UserOption.extend({
  role: z.array(z.string()).exactOptional(),
  days: z.string().exactOptional(),
});
const USER = "whose; needed as root on the box, who has no account";

function columns(now: number): readonly Column<TokenView>[] {
  return [
    { title: "TOKEN", cell: (row) => row.id },
    { title: "USER", cell: (row) => row.account },
    { title: "NAME", cell: (row) => printable(row.name) },
    { title: "ROLES", cell: (row) => row.grants === null ? "as its user" : grantsCell(row.grants) },
    {
      title: "EXPIRES",
      cell: (row) =>
        row.expiresAt === null
          ? "never"
          : row.expiresAt <= now
          ? "expired"
          : `in ${Math.ceil((row.expiresAt - now) / 86_400_000)} days`,
    },
    {
      title: "USED",
      cell: (row) => row.lastUsedAt === null ? "never" : agoText(row.lastUsedAt, now),
    },
  ];
}

function daysOf(written: string | undefined): number | null | undefined {
  if (written === undefined) return undefined;
  if (written === "never") return null;
  const days = Number(written);
  if (/^\d{1,4}$/.test(written) && days >= 1 && days <= 3650) return days;
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 40))} is no number of days`,
    "write 1 to 3650, or never",
  );
}

/** Adds `token`. */
export function addToken(program: Command, cli: Cli): void {
  const token = program.command("token").description("API tokens for programs");
  const alone = { project: false };
  const whose = (raw: unknown): string | undefined => {
    const { user } = UserOption.parse(raw);
    return user === undefined ? undefined : accountName(user);
  };

  const create = subcommand(token, "create <name>", "make a token; it is shown once", alone)
    .option("--user <name>", USER)
    .option("--role <role...>", "no more than these: ROLE or ROLE:PROJECT; absent: all of its user")
    .option("--days <days>", "how long it is good, or never; absent: 90");
  examples(
    create,
    "skerry token create prometheus --user ada --role viewer --days never",
    "skerry token create pipeline --role operator:shop",
  );
  create.action((written: string, raw: unknown, command: Command) => {
    const { role, days } = CreateOptions.parse(raw);
    const name = TokenName.safeParse(written);
    if (!name.success) {
      throw new UsageError("this is no name of a token", "write 1 to 100 characters");
    }
    const expiresInDays = daysOf(days);
    const grants = role?.map(grantOf);
    return withApi(cli, command, async (api) => {
      const made = await api.createToken({
        name: name.data,
        ...(grants === undefined ? {} : { grants }),
        ...(expiresInDays === undefined ? {} : { expiresInDays }),
      }, whose(raw));
      cli.host.terminal.err("the token is shown this once:\n");
      cli.host.terminal.out(`${made.token}\n`);
    });
  });

  subcommand(token, "list", "tokens, never their secrets", { ...alone, output: true }).alias("ls")
    .option("--user <name>", USER)
    .action((raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        const rows = await api.tokens(whose(raw));
        await printList(cli, command, rows, columns(cli.host.clock.now()), "no tokens");
      })
    );

  subcommand(token, "revoke <id>", "let a token be of no use any more", alone).alias("rm")
    .option("--user <name>", USER)
    .action((id: string, raw: unknown, command: Command) => {
      if (!TokenId.safeParse(id).success) {
        throw new UsageError(
          `${JSON.stringify(id.slice(0, 100))} is no id of a token`,
          "`skerry token list` shows them: they begin with tok_",
        );
      }
      return withApi(cli, command, async (api) => {
        await api.deleteToken(id, whose(raw));
        cli.host.terminal.err(`${printable(id)} is revoked\n`);
      });
    });
}
