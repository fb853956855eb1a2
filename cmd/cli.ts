/** What every command is given, and the options that all of them share. */
import { Command, Option } from "commander";
import { z } from "zod";
import type { ApiClient } from "../shared/api/client.ts";
import type { Clock } from "../shared/clock.ts";
import { SkerryError } from "../shared/errors.ts";
import type { HomeLayout } from "../shared/home.ts";
import { ServiceName } from "../shared/model/service_spec.ts";
import type { Systemd } from "./boot/systemd.ts";
import type { Connection } from "./connection.ts";
import { LOCAL } from "./contexts/book.ts";
import { homeFrom } from "./flags.ts";
import { machineText, OutputFormat } from "./output/format.ts";
import { type Column, tableLines } from "./output/table.ts";
import { type Place, placeOf } from "./place.ts";
import { type Paint, painter, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/** Standard input. */
export interface Input {
  /** What comes in, in the pieces that it comes in; ends with the input. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Keys one by one and without echo; no effect where it is no terminal. */
  setRaw(raw: boolean): void;
}

/** The machine around the program; tests hand in one of their own. */
export interface Host {
  readonly terminal: Terminal;
  readonly input: Input;
  /** Calls back when the terminal's size changes; the answer stops that. */
  onResize(listener: () => void): () => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The caller's folder. */
  readonly cwd: string;
  readonly hostname: string;
  readonly clock: Clock;
  connect(place: Place): Connection;
  readonly systemd: Systemd;
  /** The installed `skerry` command, absolute; null: run from the sources without one. */
  readonly skerryCommand: string | null;
  /** Aborted by SIGINT or SIGTERM; a second signal ends the program at once. */
  readonly signal: AbortSignal;
}

const SharedOptions = z.object({
  home: z.string().exactOptional(),
  context: z.string().exactOptional(),
  project: z.string().exactOptional(),
  output: OutputFormat.exactOptional(),
});

/** One run of the program. */
export interface Cli {
  readonly host: Host;
  readonly paint: Paint;
  /** The exit code of a command that failed without an error. */
  exitWith(code: number): void;
}

/** A subcommand that takes the options shared by all: --home, and -p and -o where they mean something. */
export function subcommand(
  parent: Command,
  usage: string,
  summary: string,
  takes: { readonly project?: boolean; readonly output?: boolean } = {},
): Command {
  const command = parent.command(usage).description(summary);
  command.addOption(homeOption());
  command.addOption(contextOption());
  if (takes.project ?? true) command.addOption(projectOption());
  if (takes.output ?? false) command.addOption(outputOption());
  return command;
}

/** `--home DIR` */
export function homeOption(): Option {
  return new Option("--home <dir>", "folder of the Skerry that is meant (SKERRY_HOME)");
}

/** `--context NAME` */
export function contextOption(): Option {
  return new Option("--context <name>", "a control plane elsewhere, by its name (SKERRY_CONTEXT)");
}

/** `-p, --project NAME` */
export function projectOption(): Option {
  return new Option("-p, --project <name>", "the project (COMPOSE_PROJECT_NAME)");
}

/** `-o, --output FORMAT` */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "form of the answer")
    .choices(OutputFormat.options);
}

/** Examples below a command's help. */
export function examples(command: Command, ...lines: string[]): Command {
  return command.addHelpText(
    "after",
    "\nExamples:\n" + lines.map((line) => `  ${line}`).join("\n"),
  );
}

/** The shared options as given to a command or before it; the nearer one wins. */
export function sharedOptions(command: Command): z.infer<typeof SharedOptions> {
  const chain: Record<string, unknown>[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) chain.unshift(at.opts());
  return SharedOptions.parse(Object.assign({}, ...chain));
}

/** The home that a command of this machine alone means. */
export function layoutOf(cli: Cli, command: Command): HomeLayout {
  const { home, context } = sharedOptions(command);
  if (context !== undefined && context !== LOCAL) {
    throw new UsageError(
      `skerry ${command.name()} is for the machine that it is called on`,
      "call it on the box itself, without --context",
    );
  }
  return homeFrom(home, cli.host.env, cli.host.cwd);
}

/** Runs `act` with a connection to this machine's own control plane. */
export async function withLocalApi<Result>(
  cli: Cli,
  command: Command,
  act: (api: ApiClient, connection: Connection) => Promise<Result>,
): Promise<Result> {
  using connection = cli.host.connect({ kind: "here", layout: layoutOf(cli, command) });
  return await act(connection.api, connection);
}

/** Which control plane a command means. */
export async function commandPlace(cli: Cli, command: Command): Promise<Place> {
  return await placeOf(sharedOptions(command), cli.host.env, cli.host.cwd);
}

/** Runs `act` with a connection to the control plane that the command means. */
export async function withApi<Result>(
  cli: Cli,
  command: Command,
  act: (api: ApiClient, connection: Connection) => Promise<Result>,
): Promise<Result> {
  using connection = cli.host.connect(await commandPlace(cli, command));
  return await act(connection.api, connection);
}

/** The project as it was written: -p, else COMPOSE_PROJECT_NAME; null: not at all. */
export function writtenProject(cli: Cli, command: Command): string | null {
  const written = sharedOptions(command).project ?? cli.host.env["COMPOSE_PROJECT_NAME"] ?? "";
  return written === "" ? null : projectName(written);
}

/** A service's name as it was written; a UsageError where it cannot be one. */
export function serviceName(written: string): string {
  if (ServiceName.safeParse(written).success) return written;
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 100))} is no name of a service`,
    "`skerry get services` lists those that there are",
  );
}

/** A project's name; throws UsageError where it cannot be one, before anything is sent. */
export function projectName(text: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(text)) return text;
  throw new UsageError(
    `${JSON.stringify(text.slice(0, 100))} is no project name`,
    "write lower-case letters, digits, _ and -, beginning with a letter or digit, at most 63",
  );
}

/**
 * The project that is meant: as written, else the one that was applied from the caller's folder,
 * else the only one there is, unless `guess` is `never`: what removes things takes no guess.
 */
export async function projectOf(
  cli: Cli,
  command: Command,
  api: ApiClient,
  guess: "the only one" | "never" = "the only one",
): Promise<string> {
  const written = writtenProject(cli, command);
  if (written !== null) return written;
  const projects = (await api.projects()).filter((project) => !project.deleted);
  const here = projects.filter((project) => project.sourceFolder === cli.host.cwd);
  const meant = here.length === 1 || guess === "never" ? here : projects;
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only.name;
  if (projects.length === 0) {
    throw new SkerryError(
      "no_project",
      "there is no project yet",
      "apply one: skerry apply --wait",
    );
  }
  const names = projects.map((project) => project.name).sort().join(", ");
  throw new UsageError(
    `which project? There ${projects.length === 1 ? "is" : "are"} ${names}`,
    "name it with -p, or go to the folder that it was applied from",
  );
}

/** How wide a table may be: as the terminal; where it is none, as it comes. */
export function roomOf(terminal: Terminal): number {
  return terminal.outIsTerminal ? terminal.size().columns : Number.POSITIVE_INFINITY;
}

/** Prints a list as a table, JSON or YAML. */
export async function printList<Row>(
  cli: Cli,
  command: Command,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  none: string,
): Promise<void> {
  const format = sharedOptions(command).output ?? "table";
  const { terminal } = cli.host;
  if (format !== "table") return terminal.out(await machineText(format, rows));
  if (rows.length === 0) return terminal.err(none + "\n");
  terminal.out(tableLines(columns, rows, cli.paint, roomOf(terminal)).join("\n") + "\n");
}

/** A run over a host. */
export function createCli(host: Host, exitWith: (code: number) => void): Cli {
  return { host, paint: painter(host.terminal.outIsTerminal, host.env), exitWith };
}
