/** `skerry restart`, also `skerry rollout restart`: new containers of what runs, one after the other. */
import type { Command } from "commander";
import { z } from "zod";
import type { Edit } from "../../shared/api/edits.ts";
import { ServiceName } from "../../shared/model/service_spec.ts";
import { sendEdits } from "../apply/edit.ts";
import { type Cli, examples, projectOf, serviceName, subcommand, withApi } from "../cli.ts";

const Options = z.object({ plan: z.boolean().exactOptional(), wait: z.boolean().exactOptional() });

function restartEdit(written: string): Edit {
  return { kind: "restart", service: ServiceName.parse(serviceName(written)) };
}

/** Adds it to the program, or under `rollout`. */
export function addRestart(parent: Command, cli: Cli, called: string): void {
  const restart = subcommand(
    parent,
    "restart <service...>",
    "start services anew, as a change does",
    {
      output: true,
    },
  )
    .option("--plan", "only say what would happen")
    .option("--wait", "show progress until it is up; exit 1 where it was rolled back");
  examples(restart, `${called} web --wait`, `${called} -p shop web worker`);
  restart.addHelpText(
    "after",
    "\nEach replica gets a new container of the same image and values, one after the other, as at a\n" +
      "change: the old one serves until the new one is healthy, unless both would write one volume.",
  );
  restart.action((written: string[], raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api);
      const edits = [...new Set(written)].map(restartEdit);
      await sendEdits(cli, command, api, project, { edits }, Options.parse(raw));
    })
  );
}
