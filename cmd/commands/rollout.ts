/** `skerry rollout`: the releases of a project, how the newest is, and the way back. */
import type { Command } from "commander";
import { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import { SkerryError } from "../../shared/errors.ts";
import { followRelease, reportEnd } from "../apply/follow.ts";
import { sendEdits } from "../apply/edit.ts";
import {
  type Cli,
  examples,
  printList,
  projectOf,
  sharedOptions,
  subcommand,
  withApi,
} from "../cli.ts";
import { addRestart } from "./restart.ts";
import { machineText } from "../output/format.ts";
import { releaseColumns } from "./get.ts";
import { UsageError } from "../usage_error.ts";

const UndoOptions = z.object({
  to: z.string().exactOptional(),
  plan: z.boolean().exactOptional(),
  wait: z.boolean().exactOptional(),
});

type Line = Awaited<ReturnType<ApiClient["releases"]>>[number];

/** The release that is gone back to: by its number, else the last but the newest that came up. */
function goal(lines: readonly Line[], project: string, written: string | undefined): Line {
  if (written !== undefined) {
    if (!/^\d{1,9}$/.test(written)) {
      throw new UsageError(
        `${JSON.stringify(written.slice(0, 100))} is no number of a release`,
        "`skerry rollout history` has the numbers",
      );
    }
    const found = lines.find((line) => line.number === Number(written));
    if (found !== undefined) return found;
    throw new SkerryError(
      "not_found",
      `"${project}" has no release ${written}`,
      "`skerry rollout history` lists those that there are",
    );
  }
  const [, ...earlier] = lines;
  const found = earlier.find((line) => line.state === "done" && !line.deletes);
  if (found !== undefined) return found;
  throw new SkerryError(
    "nothing_before",
    `"${project}" has no earlier release that came up`,
    "`skerry rollout history` lists its releases; name one with --to NUMBER",
  );
}

/** Adds `rollout`. */
export function addRollout(program: Command, cli: Cli): void {
  const rollout = program.command("rollout").description(
    "releases of a project: how they went, and the way back",
  );
  const history = subcommand(rollout, "history", "releases, the newest first", { output: true });
  examples(history, "skerry rollout history -p shop");
  history.action((_raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const lines = await api.releases(await projectOf(cli, command, api));
      await printList(cli, command, lines, releaseColumns(cli.host.clock.now()), "no releases");
    })
  );
  const status = subcommand(rollout, "status", "follow the newest release to its end", {
    output: true,
  });
  examples(status, "skerry rollout status -p shop");
  status.action((_raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api);
      const [newest] = await api.releases(project);
      if (newest === undefined) {
        throw new SkerryError("not_found", `"${project}" has no release`, "run skerry apply");
      }
      const end = await followRelease(cli, api, newest.id);
      if (end === null) return;
      const format = sharedOptions(command).output ?? "table";
      if (format !== "table") cli.host.terminal.out(await machineText(format, end));
      cli.exitWith(reportEnd(cli, end));
    })
  );
  addRestart(rollout, cli, "skerry rollout restart");
  const undo = subcommand(rollout, "undo", "go back to an earlier release", { output: true })
    .option("--to <number>", "the release of this number; else the last one before that came up")
    .option("--plan", "only say what would change")
    .option("--wait", "show progress until it is up; exit 1 where it was rolled back");
  examples(undo, "skerry rollout undo --wait", "skerry rollout undo --to 12 --plan");
  undo.action((raw: unknown, command: Command) => {
    const options = UndoOptions.parse(raw);
    return withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api);
      const { id, number } = goal(await api.releases(project), project, options.to);
      cli.host.terminal.err(`back to release ${number}\n`);
      await sendEdits(cli, command, api, project, { from: id, edits: [] }, options);
    });
  });
}
