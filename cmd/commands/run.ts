/** `skerry run SERVICE -- COMMAND`: a container of a service's spec, once, with another command. */
import type { Command } from "commander";
import { z } from "zod";
import { ContainerName, type RunOpen, type RunRequest } from "../../shared/api/exec.ts";
import { type Cli, examples, projectOf, serviceName, subcommand, withApi } from "../cli.ts";
import { runExec } from "../exec_session.ts";
import { UsageError } from "../usage_error.ts";

const Options = z.object({
  env: z.array(z.string()).exactOptional(),
  user: z.string().exactOptional(),
  workdir: z.string().exactOptional(),
  entrypoint: z.string().exactOptional(),
  deps: z.boolean(),
  tty: z.boolean(),
  name: z.string().exactOptional(),
  servicePorts: z.boolean().exactOptional(),
  detach: z.boolean().exactOptional(),
});

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Adds `run`. */
export function addRun(program: Command, cli: Cli): void {
  const run = subcommand(
    program,
    "run <service> [command...]",
    "run a service's container once, with another command; its exit code is passed on",
  )
    .passThroughOptions()
    .option("-e, --env <name=value>", "a variable more, or another value", collect)
    .option("-u, --user <user>", "as this user")
    .option("-w, --workdir <dir>", "in this folder of the container")
    .option("--entrypoint <program>", "instead of the service's own entrypoint")
    .option("--no-deps", "wait for none of the services that it depends on")
    .option("-d, --detach", "leave it: print its number and its container, and come back")
    .option("--name <name>", "name of its container in Podman")
    .option("--service-ports", "lead the service's published ports to it")
    .option("-T, --no-tty", "without a terminal, also where there is one")
    .option("--rm", "remove the container at its end; this is always done");
  examples(
    run,
    "skerry run web -- npm run migrate",
    "skerry run -e LEVEL=debug worker",
    "skerry run -d --name import worker -- ./import.sh",
    "skerry run db -- psql -h db -U postgres < dump.sql",
  );
  run.action((service: string, words: string[], raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    const { env, user, workdir, entrypoint, deps, tty: wanted, name, servicePorts } = options;
    const wrong = env?.find((each) => each.indexOf("=") < 1);
    if (wrong !== undefined) {
      throw new UsageError(
        `--env: "${wrong}" is no NAME=VALUE`,
        "write it so, such as -e LEVEL=debug",
      );
    }
    if (name !== undefined && !ContainerName.safeParse(name).success) {
      throw new UsageError(
        `--name: "${name.slice(0, 100)}" cannot be the name of a container`,
        "write letters, digits, _, . and -, beginning with a letter or digit",
      );
    }
    const { terminal } = cli.host;
    const tty = wanted && terminal.inIsTerminal && terminal.outIsTerminal;
    const argv = words[0] === "--" ? words.slice(1) : words;
    const asked: Omit<RunRequest, "asJob"> = {
      ...(argv.length === 0 ? {} : { command: argv }),
      ...(env === undefined ? {} : { env }),
      ...(user === undefined ? {} : { user }),
      ...(workdir === undefined ? {} : { workingDir: workdir }),
      ...(entrypoint === undefined ? {} : { entrypoint: [entrypoint] }),
      ...(name === undefined ? {} : { name }),
      ...(servicePorts === undefined ? {} : { servicePorts }),
      noDeps: !deps,
    };
    const open: RunOpen = {
      type: "start",
      ...asked,
      ...(tty ? { size: terminal.size() } : {}),
      tty,
      stdin: true,
    };
    serviceName(service);
    return withApi(cli, command, async (api, connection) => {
      const project = await projectOf(cli, command, api);
      if (options.detach === true) {
        const run = await api.startRun(project, service, { ...asked, asJob: false });
        terminal.out(`${run.container}\n`);
        terminal.err(
          `run ${run.number} of ${service} goes on\n` +
            `  see it: skerry logs ${service} --run ${run.number}, skerry describe job ${service}\n` +
            `  end it: skerry job stop ${service} ${run.number}\n`,
        );
        return;
      }
      const socket = connection.webSocket(api.runPath(project, service));
      cli.exitWith(await runExec(socket, open, cli.host, connection.unreachable));
    });
  });
}
