/** `skerry job`: run one now, end a run, or keep one from being run by the clock. */
import type { Command } from "commander";
import { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { RunReport } from "../../shared/model/job.ts";
import { type Cli, examples, projectOf, serviceName, subcommand, withApi } from "../cli.ts";
import { reasonText } from "../output/words.ts";
import { printable } from "../terminal.ts";
import { runNumber } from "./logs.ts";

const POLL_MS = 500;
const RunOptions = z.object({ wait: z.boolean().exactOptional() });

/** The run with this number once it has ended; null: the person went away. */
async function ended(
  cli: Cli,
  api: ApiClient,
  project: string,
  service: string,
  number: number,
): Promise<RunReport | null> {
  const { signal, clock } = cli.host;
  let seen = false;
  while (!signal.aborted) {
    const { runs } = await api.look(ENDPOINTS.describeJob, {
      params: { name: project, service },
    });
    const run = runs.find((each) => each.number === number);
    if (run !== undefined && run.endedAt !== null) return run;
    if (run === undefined && seen) {
      throw new SkerryError(
        "run_forgotten",
        `run ${number} of "${service}" has ended, and the job remembers no such run`,
        "give it a history: x-skerry: {schedule: {history: 3}}",
      );
    }
    seen ||= run !== undefined;
    await clock.sleep(POLL_MS, signal);
  }
  return null;
}

function setSuspended(
  cli: Cli,
  command: Command,
  names: readonly string[],
  on: boolean,
): Promise<void> {
  return withApi(cli, command, async (api) => {
    const project = await projectOf(cli, command, api);
    for (const name of names) {
      await api.suspendJob(project, serviceName(name), on);
      const said = on ? "is not run by the clock until it is resumed" : "is run by the clock again";
      cli.host.terminal.err(`${name} ${said}\n`);
    }
  });
}

/** Adds `job`. */
export function addJob(program: Command, cli: Cli): void {
  const job = program.command("job").description(
    "run a job now, end a run, or keep a job from running",
  );
  const run = subcommand(job, "run <name>", "begin a run of a job now, by its overlap rule")
    .option("--wait", "wait for its end; exit 1 where it did not succeed");
  examples(run, "skerry job run backup", "skerry job run backup --wait");
  run.action((name: string, raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const { wait } = RunOptions.parse(raw);
      const { terminal } = cli.host;
      const service = serviceName(name);
      const project = await projectOf(cli, command, api);
      const { number } = await api.startRun(project, service, { noDeps: false, asJob: true });
      terminal.out(`${number}\n`);
      terminal.err(`run ${number} of ${service} begins: skerry logs ${service} --run ${number}\n`);
      if (wait !== true) return;
      const last = await ended(cli, api, project, service, number);
      if (last === null) return cli.exitWith(130);
      const why = last.reason === null ? "" : `: ${printable(reasonText(last.reason))}`;
      terminal.err(`run ${number} of ${service} ${last.result}${why}\n`);
      if (last.result !== "succeeded") cli.exitWith(1);
    })
  );
  const suspend = subcommand(job, "suspend <names...>", "keep jobs from being run by the clock");
  examples(suspend, "skerry job suspend backup");
  suspend.action((names: string[], _options: unknown, command: Command) =>
    setSuspended(cli, command, names, true)
  );
  const resume = subcommand(job, "resume <names...>", "let jobs be run by the clock again");
  examples(resume, "skerry job resume backup");
  resume.action((names: string[], _options: unknown, command: Command) =>
    setSuspended(cli, command, names, false)
  );
  const stop = subcommand(job, "stop <name> <run>", "end a run that is under way");
  examples(stop, "skerry job stop backup 12");
  stop.action((name: string, written: string, _options: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const number = runNumber(written, "run");
      const project = await projectOf(cli, command, api);
      await api.stopRun(project, serviceName(name), number);
      cli.host.terminal.err(`run ${number} of ${name} is being ended\n`);
    })
  );
}
