/** `skerry version`: of this program and of the control plane that it talks to. */
import type { Command } from "commander";
import { type Cli, sharedOptions, subcommand, withApi } from "../cli.ts";
import { machineText } from "../output/format.ts";
import { VERSION } from "../version.ts";

/** Adds `version`. */
export function addVersion(program: Command, cli: Cli): void {
  subcommand(program, "version", "of this program and of the control plane", {
    project: false,
    output: true,
  }).action((_raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const control = await api.version().then((view) => view.version, () => null);
      const format = sharedOptions(command).output ?? "table";
      cli.host.terminal.out(
        format === "table"
          ? `skerry ${VERSION}\ncontrol plane ${control ?? "does not answer"}\n`
          : await machineText(format, { program: VERSION, control }),
      );
    })
  );
}
