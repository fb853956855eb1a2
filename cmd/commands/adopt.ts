/** `skerry adopt`: a project that Docker or Podman runs is taken over with its images and volumes. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { SkerryError } from "../../shared/errors.ts";
import {
  type Cli,
  examples,
  layoutOf,
  projectName,
  sharedOptions,
  subcommand,
  withLocalApi,
} from "../cli.ts";
import { ask } from "../prompt.ts";
import { UsageError } from "../usage_error.ts";

const Options = z.object({
  file: z.array(z.string()).exactOptional(),
  envFile: z.array(z.string()).exactOptional(),
  profile: z.array(z.string()).exactOptional(),
  from: z.string().exactOptional(),
  volumes: z.string().exactOptional(),
  images: z.string().exactOptional(),
  undo: z.string().exactOptional(),
  plan: z.boolean().exactOptional(),
  yes: z.boolean().exactOptional(),
});
type Chosen = z.infer<typeof Options>;

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

async function confirmed(cli: Cli, options: Chosen, question: string): Promise<void> {
  if (options.yes === true) return;
  if (!cli.host.terminal.inIsTerminal) {
    throw new UsageError("there is no terminal to ask on; nothing was done", "add --yes");
  }
  const answer = await ask(cli.host, `${question} [y/N] `, false);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new SkerryError(
    "not_confirmed",
    "nothing was done",
    "answer with yes, or call it with --yes",
  );
}

/** Adds `adopt`. */
export function addAdopt(program: Command, cli: Cli): void {
  const adopt = subcommand(
    program,
    "adopt",
    "take a running docker compose or podman-compose project over, with its images and volumes",
  )
    .option("-f, --file <path>", "a compose file; several are merged in their order", collect)
    .option("--env-file <path>", "variables for the files, instead of .env", collect)
    .option("--profile <name>", 'a profile that is on; "*" is all of them', collect)
    .option("--from <socket>", "the engine's socket; else DOCKER_HOST, Docker's, Podman's")
    .option("--volumes <dir>", "no engine: a folder as /var/lib/docker/volumes")
    .option("--images <file>", "no engine: an archive of `docker save`")
    .option("--plan", "only say what would be done")
    .option("--undo <project>", "stop it in Skerry and start the old one again")
    .option("-y, --yes", "do not ask");
  examples(
    adopt,
    "skerry adopt --plan",
    "skerry adopt -f compose.yaml -p shop --yes",
    "skerry adopt --undo shop",
    "skerry adopt --volumes /mnt/old/var/lib/docker/volumes --images shop.tar",
  );
  adopt.action((raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    const fromFiles = options.volumes !== undefined || options.images !== undefined;
    if (fromFiles && options.from !== undefined) {
      throw new UsageError(
        "--from is an engine, --volumes and --images are instead of one",
        "leave out --from, or the other two",
      );
    }
    return withLocalApi(cli, command, async (api) => {
      const layout = layoutOf(cli, command);
      const { signal, clock } = cli.host;
      const { openHomeEngine } = await import("../adopt/home_engine.ts");
      using home = openHomeEngine(layout.podmanSocket, signal, clock);
      await home.ready();
      if (options.undo !== undefined) {
        const { undo } = await import("../adopt/adopt.ts");
        return await undo(
          { cli, api, layout, home },
          projectName(options.undo),
          () => confirmed(cli, options, `Stop ${options.undo} in Skerry and start the old one?`),
        );
      }
      const { readProject } = await import("../apply/read_project.ts");
      const read = readProject({
        files: options.file ?? [],
        envFiles: options.envFile ?? [],
        profiles: options.profile ?? [],
        projectName: sharedOptions(command).project ?? null,
        env: cli.host.env,
        cwd: cli.host.cwd,
      });
      const pathOf = (given: string | undefined) =>
        given === undefined ? null : resolve(cli.host.cwd, given);
      const { adoptProject } = await import("../adopt/adopt.ts");
      await adoptProject({ cli, api, layout, home }, read, {
        fromFiles,
        from: options.from,
        volumes: pathOf(options.volumes),
        images: pathOf(options.images),
        planOnly: options.plan ?? false,
        confirm: (question) => confirmed(cli, options, question),
      });
    });
  });
}
