/** The whole command line: reads the arguments, runs the command, gives the exit code. */
import { Command, CommanderError } from "commander";
import { messageOf, SkerryError } from "../shared/errors.ts";
import {
  type Cli,
  contextOption,
  createCli,
  examples,
  homeOption,
  type Host,
  outputOption,
  projectOption,
} from "./cli.ts";
import { addAdopt } from "./commands/adopt.ts";
import { addApply } from "./commands/apply.ts";
import { addBoot } from "./commands/boot.ts";
import { addCertificates } from "./commands/ca.ts";
import { addDocs } from "./commands/docs.ts";
import { addCompletion } from "./commands/completion.ts";
import { addContext } from "./commands/context.ts";
import { addDaemons, type Daemons } from "./commands/daemons.ts";
import { addDelete } from "./commands/delete.ts";
import { addDescribe } from "./commands/describe.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvents } from "./commands/events.ts";
import { addExec } from "./commands/exec.ts";
import { addJob } from "./commands/job.ts";
import { addRestart } from "./commands/restart.ts";
import { addRollout } from "./commands/rollout.ts";
import { addRun } from "./commands/run.ts";
import { addGet } from "./commands/get.ts";
import { addLogin } from "./commands/login.ts";
import { addLogs } from "./commands/logs.ts";
import { addPodman } from "./commands/podman.ts";
import { addRegistry } from "./commands/registry.ts";
import { addSecret } from "./commands/secret.ts";
import { addSet } from "./commands/set.ts";
import { addTop } from "./commands/top.ts";
import { addToken } from "./commands/token.ts";
import { addUser } from "./commands/user.ts";
import { addVersion } from "./commands/version.ts";
import { addImage } from "./commands/image.ts";
import { addVolume } from "./commands/volume.ts";
import { painter, printable } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** Exit codes: done, failed, wrong usage. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/**
 * Runs one command to its end and gives its exit code. Never throws, never exits.
 * @param args without the program's own name
 */
export async function runProgram(
  args: readonly string[],
  host: Host,
  daemons: Daemons,
): Promise<number> {
  let code: number = EXIT.done;
  const cli = createCli(host, (given) => {
    code = given;
  });
  const program = createProgram(cli, daemons);
  settle(program, host);
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (thrown) {
    return failure(thrown, host);
  }
}

/** The commands with their options, not yet run. */
export function createProgram(cli: Cli, daemons: Daemons): Command {
  const program = new Command("skerry")
    .description("Containers at the edge that keep running when the network is gone.")
    .version(VERSION)
    .helpOption("-h, --help", "help")
    .addOption(homeOption())
    .addOption(contextOption())
    .addOption(projectOption())
    .addOption(outputOption())
    .enablePositionalOptions()
    .showSuggestionAfterError();
  addApply(program, cli);
  addAdopt(program, cli);
  addSet(program, cli);
  addRestart(program, cli, "skerry restart");
  addRollout(program, cli);
  addDelete(program, cli);
  addGet(program, cli);
  addDescribe(program, cli);
  addLogs(program, cli);
  addEvents(program, cli);
  addTop(program, cli);
  addExec(program, cli);
  addRun(program, cli);
  addJob(program, cli);
  addSecret(program, cli);
  addImage(program, cli);
  addRegistry(program, cli);
  addVolume(program, cli);
  addUser(program, cli);
  addToken(program, cli);
  addCertificates(program, cli);
  addLogin(program, cli);
  addContext(program, cli);
  addDaemons(program, cli, daemons);
  addBoot(program, cli);
  addDoctor(program, cli);
  addDocs(program, cli);
  addPodman(program, cli);
  addVersion(program, cli);
  addCompletion(program, cli);
  examples(
    program,
    "skerry up                                    run this box",
    "skerry apply -f compose.yaml --wait          bring a compose file's project up",
    "skerry get services                          how everything is, and why",
    "skerry logs -f web",
  );
  return program;
}

/** Errors are thrown instead of ending the process, and all words go to the host's terminal. */
function settle(command: Command, host: Host): void {
  command.exitOverride();
  if (command.commands.length === 0) command.showHelpAfterError(`  see: ${pathOf(command)} --help`);
  else command.showHelpAfterError(namesOf(command));
  command.configureOutput({
    writeOut: (text) => host.terminal.out(text),
    writeErr: (text) => host.terminal.err(text),
    getOutHelpWidth: () => Math.min(100, host.terminal.size().columns),
    getErrHelpWidth: () => Math.min(100, host.terminal.size().columns),
    outputError: (text, write) => write(text.replace(/^error: /, "skerry: ")),
  });
  for (const each of command.commands) settle(each, host);
}

/** As it is written: `skerry get services`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** What may follow, for those who wrote something else. */
function namesOf(command: Command): string {
  const names = command.commands.map((each) => each.name())
    .filter((name) => !name.startsWith("__")).join(", ");
  return `  ${pathOf(command)} takes: ${names}`;
}

function failure(thrown: unknown, host: Host): number {
  if (thrown instanceof CommanderError) {
    // It has said what is the matter. Help that was not asked for counts as wrong usage.
    return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  const paint = painter(host.terminal.errIsTerminal, host.env);
  const lines = messageOf(thrown).split("\n").map(printable);
  host.terminal.err(`${paint("bad", "skerry:")} ${lines.join("\n")}\n`);
  if (thrown instanceof SkerryError) {
    if (thrown.remedy !== null) host.terminal.err(`  ${printable(thrown.remedy)}\n`);
  } else if (host.env["SKERRY_DEBUG"] === "1" && thrown instanceof Error) {
    host.terminal.err(`${thrown.stack ?? ""}\n`);
  }
  return thrown instanceof UsageError ? EXIT.usage : EXIT.failed;
}
