/** `skerry delete`: containers, names and routes go; volumes and secrets stay, unless purged. */
import type { Command } from "commander";
import { z } from "zod";
import { SkerryError } from "../../shared/errors.ts";
import { followRelease, reportEnd } from "../apply/follow.ts";
import { type Cli, examples, projectOf, subcommand, withApi } from "../cli.ts";
import { ask } from "../prompt.ts";
import { UsageError } from "../usage_error.ts";

const Options = z.object({
  purge: z.boolean().exactOptional(),
  confirm: z.string().exactOptional(),
  wait: z.boolean().exactOptional(),
});

async function confirmPurge(cli: Cli, project: string, given: string | undefined): Promise<string> {
  if (given === undefined && !cli.host.terminal.inIsTerminal) {
    throw new UsageError(
      "--purge removes volumes with all data, and there is no terminal to ask on",
      `if that is meant, add --confirm ${project}`,
    );
  }
  const typed = given ??
    (await ask(
      cli.host,
      `This removes ${project} with its volumes and secrets for good.\nType its name: `,
      false,
    )).trim();
  if (typed === project) return typed;
  throw new SkerryError(
    "not_confirmed",
    `"${typed}" is not "${project}"; nothing was deleted`,
    "type the name of the project, or hand it in with --confirm",
  );
}

/** Adds `delete`. */
export function addDelete(program: Command, cli: Cli): void {
  const remove = subcommand(
    program,
    "delete",
    "delete a project: containers, names and routes go; volumes, secrets and logs stay",
  )
    .option("--purge", "volumes and secrets too, after the project's name was typed")
    .option("--confirm <name>", "the name, where there is no terminal to type it on")
    .option("--wait", "show progress until everything is gone");
  examples(remove, "skerry delete -p shop --wait", "skerry delete -p shop --purge");
  remove.action((raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    return withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api, "never");
      const purge = options.purge === true
        ? { purge: await confirmPurge(cli, project, options.confirm) }
        : {};
      const accepted = await api.createRelease(project, { parts: {}, ...purge });
      if (options.wait !== true) {
        cli.host.terminal.err(`${project} is being deleted\n`);
        return;
      }
      const end = await followRelease(cli, api, accepted.id);
      cli.exitWith(end === null ? 0 : reportEnd(cli, end));
    });
  });
}
