/** `skerry secret set|list|rm`. A value comes by prompt, file or standard input, never in argv. */
import type { Command } from "commander";
import { resolve } from "node:path";
import { z } from "zod";
import { SecretName } from "../../shared/api/endpoints.ts";
import { LIMITS } from "../../shared/api/limits.ts";
import type { SecretView } from "../../shared/api/views.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { type Cli, examples, printList, subcommand, withApi, writtenProject } from "../cli.ts";
import { agoText } from "../output/words.ts";
import { ask, readInput } from "../prompt.ts";
import type { Column } from "../output/table.ts";
import { UsageError } from "../usage_error.ts";

const SetOptions = z.object({ file: z.string().exactOptional() });

function columns(now: number): readonly Column<z.infer<typeof SecretView>>[] {
  return [
    { title: "PROJECT", cell: (row) => row.project ?? "every" },
    { title: "SECRET", cell: (row) => row.name },
    { title: "VERSIONS", cell: (row) => String(row.versions) },
    { title: "CHANGED", cell: (row) => agoText(row.changedAt, now) },
    { title: "USED BY", cell: (row) => row.usedBy.join(", ") },
  ];
}

async function valueFor(
  cli: Cli,
  name: string,
  file: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const { host } = cli;
  if (file !== undefined && file !== "-") return await fileValue(resolve(host.cwd, file));
  if (file === undefined && host.terminal.inIsTerminal) {
    const once = await ask(host, `Value of ${name} (not shown): `, true);
    const again = await ask(host, "Once more: ", true);
    if (once !== again) {
      throw new SkerryError("not_equal", "the two values differ; nothing was set", "try again");
    }
    return new TextEncoder().encode(once);
  }
  const value = await readInput(host, LIMITS.secretBytes);
  const end = value.at(-1) === 10 ? (value.at(-2) === 13 ? 2 : 1) : 0;
  return value.subarray(0, value.length - end);
}

async function fileValue(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) {
      throw new SkerryError(
        "not_a_file",
        `"${path}" is not a file`,
        "name a file; without --file the value comes by standard input",
      );
    }
    if (size > LIMITS.secretBytes) {
      throw new SkerryError(
        "too_large",
        `"${path}" is over ${LIMITS.secretBytes} bytes`,
        "mount what is larger as a volume",
      );
    }
    return await Deno.readFile(path);
  } catch (thrown) {
    if (thrown instanceof SkerryError) throw thrown;
    throw new SkerryError(
      "unreadable",
      `cannot read "${path}": ${messageOf(thrown)}`,
      "see that it is there and that you may read it",
      {
        cause: thrown,
      },
    );
  }
}

/** The name as it was written; a UsageError where it cannot be one, before anything is read or sent. */
function secretName(written: string): string {
  if (SecretName.safeParse(written).success) return written;
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 150))} is no name of a secret`,
    "write letters, digits, dots, _ and -, beginning with a letter or digit, at most 128",
  );
}

/** Adds `secret`. */
export function addSecret(program: Command, cli: Cli): void {
  const secret = program.command("secret").description("values that nobody reads again");
  const set = subcommand(secret, "set <name>", "set a secret's value: a new version of it")
    .option("--file <path>", "the file's bytes, all of them; - is standard input");
  examples(
    set,
    "skerry secret set db_password            asks for it",
    "skerry secret set db_password --file password.txt",
    "openssl rand -hex 24 | skerry secret set db_password -p shop",
  );
  set.addHelpText(
    "after",
    "\nOf standard input one newline at the end is left off. Without -p the secret holds for\n" +
      "every project that has none of that name itself. Configs with `external: true` are kept\n" +
      "and set in the same way.",
  );
  set.action(async (name: string, raw: unknown, command: Command) => {
    const project = writtenProject(cli, command);
    secretName(name);
    const value = await valueFor(cli, name, SetOptions.parse(raw).file);
    if (value.length === 0) {
      throw new SkerryError(
        "empty",
        `the value of "${name}" is empty; nothing was set`,
        "type it, or hand it in with --file FILE",
      );
    }
    await withApi(cli, command, async (api) => {
      const view = await api.putSecret(name, value, project ?? undefined);
      const whose = view.project === null ? "every project" : `project ${view.project}`;
      const used = view.usedBy.length === 0
        ? ""
        : `; apply ${view.usedBy.join(", ")} again to hand it out`;
      cli.host.terminal.err(`${view.name} is set for ${whose} (version ${view.versions})${used}\n`);
    });
  });

  subcommand(secret, "list", "names of secrets, never values", { output: true })
    .alias("ls")
    .action((_raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        const rows = await api.secrets(writtenProject(cli, command) ?? undefined);
        await printList(cli, command, rows, columns(cli.host.clock.now()), "no secrets");
      })
    );

  subcommand(secret, "rm <names...>", "remove secrets with all their versions")
    .action((names: string[], _raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        const project = writtenProject(cli, command) ?? undefined;
        for (const name of names) {
          await api.deleteSecret(secretName(name), project);
          cli.host.terminal.err(`${name} is removed\n`);
        }
      })
    );
}
