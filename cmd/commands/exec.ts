/** `skerry exec SERVICE -- COMMAND`: runs a command in a running container, interactively too. */
import type { Command } from "commander";
import { z } from "zod";
import type { ExecOpen } from "../../shared/api/exec.ts";
import { type Cli, examples, projectOf, serviceName, subcommand, withApi } from "../cli.ts";
import { runExec } from "../exec_session.ts";
import { UsageError } from "../usage_error.ts";

const Options = z.object({
  env: z.array(z.string()).exactOptional(),
  user: z.string().exactOptional(),
  workdir: z.string().exactOptional(),
  slot: z.string().regex(/^[1-9]\d{0,4}$/).transform(Number).exactOptional(),
  tty: z.boolean(),
});

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Adds `exec`. */
export function addExec(program: Command, cli: Cli): void {
  const exec = subcommand(
    program,
    "exec <service> <command...>",
    "run a command in a running container; its exit code is passed on",
  )
    .passThroughOptions()
    .option("-e, --env <name=value>", "a variable more", collect)
    .option("-u, --user <user>", "as this user")
    .option("-w, --workdir <dir>", "in this folder of the container")
    .option("--slot <number>", "in this replica; else the first that runs")
    .option("-T, --no-tty", "without a terminal, also where there is one");
  examples(
    exec,
    "skerry exec db -- psql -U postgres",
    "skerry exec web -- sh",
    "skerry exec db -- pg_dumpall -U postgres > dump.sql",
  );
  exec.action((service: string, words: string[], raw: unknown, command: Command) => {
    const parsed = Options.safeParse(raw);
    if (!parsed.success) {
      throw new UsageError(
        "--slot: write a number from 1",
        "`skerry get containers` shows them as SERVICE/SLOT",
      );
    }
    const { env, user, workdir, slot, tty: wanted } = parsed.data;
    const { terminal } = cli.host;
    const tty = wanted && terminal.inIsTerminal && terminal.outIsTerminal;
    const open: ExecOpen = {
      type: "start",
      command: words[0] === "--" ? words.slice(1) : words,
      ...(env === undefined ? {} : { env }),
      ...(user === undefined ? {} : { user }),
      ...(workdir === undefined ? {} : { workingDir: workdir }),
      ...(slot === undefined ? {} : { slot }),
      ...(tty ? { size: terminal.size() } : {}),
      tty,
      stdin: true,
    };
    if (open.command.length === 0) throw new UsageError("exec: no command", "write it after --");
    serviceName(service);
    return withApi(cli, command, async (api, connection) => {
      const project = await projectOf(cli, command, api);
      const socket = connection.webSocket(api.execPath(project, service));
      cli.exitWith(await runExec(socket, open, cli.host, connection.unreachable));
    });
  });
}
