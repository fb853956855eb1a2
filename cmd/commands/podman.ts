/** `skerry podman -- …`: Podman with the storage of this home. */
import type { Command } from "commander";
import { homePodmanCommand } from "../../agent/engines/home_podman_command.ts";
import { SkerryError } from "../../shared/errors.ts";
import { type Cli, examples, layoutOf, subcommand } from "../cli.ts";
import { UsageError } from "../usage_error.ts";

const TERMINAL = ["TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL"];

/** Adds `podman`. */
export function addPodman(program: Command, cli: Cli): void {
  const podman = subcommand(
    program,
    "podman <words...>",
    "run podman against the storage of this Skerry (root only); its exit code is passed on",
    { project: false },
  ).passThroughOptions();
  examples(
    podman,
    "skerry podman -- ps --all",
    "skerry podman -- logs --tail 20 CONTAINER",
    "skerry podman -- system df",
  );
  podman.action(async (written: string[], _raw: unknown, command: Command) => {
    const words = written[0] === "--" ? written.slice(1) : written;
    if (words.length === 0) throw new UsageError("podman: no words", "write them after --");
    if (Deno.uid() !== 0) {
      throw new SkerryError("not_root", "Skerry's Podman is root's", "sudo skerry podman -- …");
    }
    const { program: path, args, env } = await homePodmanCommand(layoutOf(cli, command));
    const shown = TERMINAL.flatMap((name) => {
      const value = cli.host.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const child = new Deno.Command(path, {
      args: [...args, ...words],
      clearEnv: true,
      env: { ...env, ...Object.fromEntries(shown) },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    cli.exitWith((await child.status).code);
  });
}
