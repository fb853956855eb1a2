/** `skerry context`: the control planes that one has logged in to, and which of them is meant. */
import type { Command } from "commander";
import { X509Certificate } from "node:crypto";
import { SkerryError } from "../../shared/errors.ts";
import { type Cli, commandPlace, examples, printList, sharedOptions, subcommand } from "../cli.ts";
import { type ContextEntry, createContextBook, LOCAL, withoutContext } from "../contexts/book.ts";
import { machineText } from "../output/format.ts";
import { contextName } from "../place.ts";

interface Row {
  readonly name: string;
  readonly url: string;
  readonly user: string | null;
  readonly current: boolean;
  /** SHA-256 of the pinned authority; null: none is pinned. */
  readonly authority: string | null;
}

function rowOf(name: string, entry: ContextEntry, current: boolean): Row {
  const { url, user, authority } = entry;
  let fingerprint: string | null = null;
  try {
    fingerprint = authority === null ? null : new X509Certificate(authority).fingerprint256;
  } catch {
    fingerprint = "damaged";
  }
  return { name, url, user, current, authority: fingerprint };
}

function unknown(name: string): SkerryError {
  return new SkerryError(
    "no_context",
    `there is no context "${name}"`,
    "`skerry context list` lists those that there are; `skerry login URL` makes one",
  );
}

/** Adds `context`. */
export function addContext(program: Command, cli: Cli): void {
  const { terminal, env } = cli.host;
  const bare = { project: false };
  const book = () => createContextBook(env);
  const context = program.command("context")
    .description("the Skerries that you logged in to, and which one commands go to");

  subcommand(context, "list", "all of them; the one in use is marked", { ...bare, output: true })
    .alias("ls")
    .action(async (_raw: unknown, command: Command) => {
      const { current, contexts } = await book().read();
      const rows = Object.entries(contexts).map(([name, entry]) =>
        rowOf(name, entry, name === current)
      );
      const local: Row = {
        name: LOCAL,
        url: "this machine",
        user: null,
        current: current === null,
        authority: null,
      };
      await printList(cli, command, [local, ...rows], [
        { title: "", cell: (row) => (row.current ? "*" : "") },
        { title: "NAME", cell: (row) => row.name },
        { title: "ADDRESS", cell: (row) => row.url },
        { title: "USER", cell: (row) => row.user ?? "-" },
      ], "");
    });

  const use = subcommand(context, "use <name>", "let commands go to this one from now on", bare);
  examples(use, "skerry context use plant-7", "skerry context use local      this machine again");
  use.action(async (written: string) => {
    const name = contextName(written);
    const known = await book().read();
    if (name !== LOCAL && known.contexts[name] === undefined) throw unknown(name);
    await book().write({ ...known, current: name === LOCAL ? null : name });
    const where = name === LOCAL ? "this machine" : known.contexts[name]?.url ?? name;
    terminal.err(`commands go to ${where} from now on\n`);
  });

  const remove = subcommand(context, "remove <name>", "forget one, with its pinned authority", bare)
    .alias("rm");
  remove.addHelpText("after", "\nIts token still holds; `skerry logout` revokes it too.");
  remove.action(async (written: string) => {
    const name = contextName(written);
    const known = await book().read();
    if (known.contexts[name] === undefined) throw unknown(name);
    await book().write(withoutContext(known, name));
    terminal.err(`the context "${name}" is forgotten\n`);
  });

  subcommand(context, "show", "which one a command here goes to", { ...bare, output: true })
    .action(async (_raw: unknown, command: Command) => {
      const place = await commandPlace(cli, command);
      const shown = place.kind === "away"
        ? rowOf(place.name, place.entry, true)
        : { name: LOCAL, url: place.layout.home, user: null, current: true, authority: null };
      const format = sharedOptions(command).output ?? "table";
      if (format !== "table") return terminal.out(await machineText(format, shown));
      const lines = [
        `context      ${shown.name}`,
        `address      ${shown.url}`,
        ...(shown.user === null ? [] : [`user         ${shown.user}`]),
        ...(shown.authority === null ? [] : [`authority    ${shown.authority}`]),
      ];
      terminal.out(lines.join("\n") + "\n");
    });
}
