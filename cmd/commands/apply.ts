/**
 * `skerry config`, `plan` and `apply`: what compose files mean, would change, and change. The reader
 * of compose files is loaded by these alone, so that other commands start sooner.
 */
import type { Command } from "commander";
import { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import { waitForRelease } from "../apply/follow.ts";
import { planText, warningText } from "../apply/plan_text.ts";
import type { ReadProject } from "../../shared/project/prepare.ts";
import { type Cli, commandPlace, examples, sharedOptions, subcommand, withApi } from "../cli.ts";
import { machineText } from "../output/format.ts";
import { painter, printable } from "../terminal.ts";

const Options = z.object({
  file: z.array(z.string()).exactOptional(),
  envFile: z.array(z.string()).exactOptional(),
  profile: z.array(z.string()).exactOptional(),
  wait: z.boolean().exactOptional(),
  pull: z.boolean().exactOptional(),
  cache: z.boolean().exactOptional(),
  all: z.boolean().exactOptional(),
});

type Chosen = z.infer<typeof Options>;

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function withFiles(command: Command): Command {
  return command
    .option("-f, --file <path>", "a compose file; several are merged in their order", collect)
    .option("--env-file <path>", "variables for the files, instead of .env", collect)
    .option("--profile <name>", 'a profile that is on; "*" is all of them', collect);
}

async function read(cli: Cli, command: Command, raw: unknown): Promise<ReadProject> {
  const options = Options.parse(raw);
  const { readProject } = await import("../apply/read_project.ts");
  const project = readProject({
    files: options.file ?? [],
    envFiles: options.envFile ?? [],
    profiles: options.profile ?? [],
    projectName: sharedOptions(command).project ?? null,
    env: cli.host.env,
    cwd: cli.host.cwd,
  });
  for (const note of project.notes) cli.host.terminal.err(`note: ${printable(note)}\n`);
  return project;
}

/** Adds `config`, `plan` and `apply`. */
export function addApply(program: Command, cli: Cli): void {
  const { terminal, env } = cli.host;
  const errPaint = painter(terminal.errIsTerminal, env);

  /** Everything that an apply would send. Building changes nothing that runs, so a plan builds too. */
  async function withBuilds(
    command: Command,
    api: ApiClient,
    project: ReadProject,
    options: Chosen,
  ) {
    const { buildImages } = await import("../apply/apply.ts");
    const { prepare } = await import("../../shared/project/prepare.ts");
    const prepared = await prepare(project);
    if ((await commandPlace(cli, command)).kind === "away") {
      (await import("../apply/from_afar.ts")).refuseBindsInPlace(prepared);
    }
    for (const note of prepared.carried.notes) terminal.err(`note: ${printable(note)}\n`);
    const { pull = false, cache = true } = options;
    return await buildImages(cli, api, prepared, { pull, noCache: !cache });
  }

  const apply = withFiles(
    subcommand(program, "apply", "bring a compose file's project up as it says", { output: true }),
  )
    .option("--wait", "show progress until it is up; exit 1 where it was rolled back")
    .option("--pull", "ask the registries again what the image names mean")
    .option("--no-cache", "build images anew");
  examples(
    apply,
    "skerry apply --wait",
    "skerry apply -f compose.yaml -f site.yaml -p shop --wait",
    "skerry apply --pull --wait       take newer images of the same name",
  );
  apply.action(async (raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    const project = await read(cli, command, raw);
    const pull = options.pull ?? false;
    return await withApi(cli, command, async (api) => {
      const { planOf, release, uploadBlobs } = await import("../apply/apply.ts");
      const prepared = await withBuilds(command, api, project, options);
      const plan = await planOf(api, prepared, pull);
      for (const warning of plan.warnings) terminal.err(warningText(warning, errPaint) + "\n");
      terminal.err(planText(plan, errPaint, false));
      await uploadBlobs(cli, api, plan.missingBlobs, prepared.carried);
      const accepted = await release(cli, api, prepared.project, {
        parent: plan.parent,
        parts: { compose: prepared.part },
        secretValues: { ...prepared.secretValues },
        ...(pull ? { pull } : {}),
      });
      const asked = sharedOptions(command).output ?? "table";
      if (options.wait !== true) {
        if (asked !== "table") terminal.out(await machineText(asked, accepted));
        else terminal.err("accepted; see how it goes with `skerry get services`\n");
        return;
      }
      await waitForRelease(cli, api, accepted.id, asked);
    });
  });

  const plan = withFiles(
    subcommand(program, "plan", "what an apply would change, and why; nothing is done", {
      output: true,
    }),
  )
    .option("--pull", "ask the registries again what the image names mean")
    .option("--all", "also what stays as it is");
  examples(plan, "skerry plan", "skerry plan -f compose.yaml -o json");
  plan.action(async (raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    const project = await read(cli, command, raw);
    return await withApi(cli, command, async (api) => {
      const { planOf } = await import("../apply/apply.ts");
      const prepared = await withBuilds(command, api, project, options);
      const answer = await planOf(api, prepared, options.pull ?? false);
      const format = sharedOptions(command).output ?? "table";
      if (format !== "table") return terminal.out(await machineText(format, answer));
      for (const warning of answer.warnings) terminal.err(warningText(warning, errPaint) + "\n");
      terminal.out(planText(answer, cli.paint, options.all ?? false));
    });
  });

  const config = withFiles(
    subcommand(program, "config", "the compose files as they are understood: merged, filled in", {
      output: true,
    }),
  );
  examples(config, "skerry config -f compose.yaml", "skerry config -f compose.yaml -o json");
  config.action(async (raw: unknown, command: Command) => {
    const { model } = await read(cli, command, raw);
    const { renderConfig } = await import("../../shared/compose/mod.ts");
    const format = sharedOptions(command).output === "json" ? "json" : "yaml";
    terminal.out(renderConfig(model, format).trimEnd() + "\n");
  });
}
