/** `skerry volume list|rm`. Volumes outlive everything but this. */
import type { Command } from "commander";
import { z } from "zod";
import { SkerryError } from "../../shared/errors.ts";
import {
  type Cli,
  examples,
  printList,
  projectOf,
  subcommand,
  withApi,
  writtenProject,
} from "../cli.ts";
import { ask } from "../prompt.ts";
import { VOLUME_COLUMNS } from "./get.ts";

const RemoveOptions = z.object({ yes: z.boolean().exactOptional() });

/** Adds `volume`. */
export function addVolume(program: Command, cli: Cli): void {
  const volume = program.command("volume").description("data that outlives containers");
  subcommand(volume, "list", "volumes and who uses them", { output: true })
    .alias("ls")
    .action((_raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        const rows = await api.volumes(writtenProject(cli, command) ?? undefined);
        await printList(cli, command, rows, VOLUME_COLUMNS, "no volumes");
      })
    );
  const rm = subcommand(volume, "rm <names...>", "remove volumes with their data, for good")
    .option("-y, --yes", "do not ask on a terminal");
  examples(rm, "skerry volume rm data -p shop");
  rm.action((names: string[], raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api, "never");
      const { terminal } = cli.host;
      if (RemoveOptions.parse(raw).yes !== true && terminal.inIsTerminal) {
        const question = `Remove ${names.join(", ")} of ${project} with all data? [y/N] `;
        const answer = await ask(cli.host, question, false);
        if (!/^y(es)?$/i.test(answer.trim())) {
          throw new SkerryError("not_confirmed", "nothing was removed");
        }
      }
      for (const name of names) {
        await api.deleteVolume(project, name);
        terminal.err(`${name} of ${project} is removed\n`);
      }
    })
  );
}
