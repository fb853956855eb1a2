/** `skerry logs`: what containers wrote, of one service or of a whole project. */
import type { Command } from "commander";
import { z } from "zod";
import type { LogLine } from "../../shared/model/link.ts";
import { durationMs } from "../../shared/compose/duration.ts";
import {
  type Cli,
  examples,
  projectOf,
  serviceName,
  sharedOptions,
  subcommand,
  withApi,
} from "../cli.ts";
import type { Paint } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";
import { watchSignal } from "../watch/away.ts";
import { recordsOf } from "../watch/records.ts";

const Options = z.object({
  follow: z.boolean().exactOptional(),
  tail: z.string().exactOptional(),
  since: z.string().exactOptional(),
  run: z.string().exactOptional(),
  timestamps: z.boolean().exactOptional(),
  prefix: z.boolean().exactOptional(),
});

const MAX_JOINED = 1 << 20;

/**
 * Joins records of a line that was cut into whole lines, for each container and stream.
 * A line over 1 MiB is given out in pieces.
 */
export function createLineJoiner(): (line: LogLine) => LogLine | null {
  const open = new Map<string, LogLine>();
  return (line) => {
    const key = `${line.deployment} ${line.stream}`;
    const before = open.get(key);
    const joined = before === undefined ? line : { ...before, text: before.text + line.text };
    if (line.partial && joined.text.length < MAX_JOINED) {
      open.set(key, joined);
      return null;
    }
    open.delete(key);
    return { ...joined, partial: line.partial };
  };
}

/** A log text for a terminal: colours stay, other control sequences do not. */
export function terminalText(text: string): string {
  const sequences =
    // deno-lint-ignore no-control-regex
    /(\x1b\[[0-9;]*m)|\x1b\[[0-?]*[ -\/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[^\P{Cc}\t]/gu;
  return text.replaceAll(sequences, (_all, colour: string | undefined) => colour ?? "");
}

/** RFC 3339 of `--since`: a moment, or a duration before now. */
export function sinceMoment(text: string, now: number, option = "--since"): string {
  const before = durationMs(text);
  if (before !== null) return new Date(now - before).toISOString();
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return text;
  throw new UsageError(
    `${option}: "${text}" is neither a duration nor a moment`,
    "write 10m, or 2026-01-31T12:00:00Z",
  );
}

/** `--tail`; null: all. */
export function tailCount(text: string | undefined): number | null {
  if (text === undefined || text === "all") return null;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new UsageError(`--tail: "${text}" is no number of lines`, "write a number, or all");
}

/** The number of a run, as it was written. */
export function runNumber(text: string, what: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`${what}: "${text.slice(0, 100)}" is no number of a run`, "write 1 or more");
}

function lineText(
  line: LogLine,
  show: { prefix: boolean; timestamps: boolean; terminal: boolean },
  paint: Paint,
): string {
  const prefix = show.prefix ? paint("dim", `${line.service}/${line.slot} |`) + " " : "";
  const time = show.timestamps ? paint("dim", line.time) + " " : "";
  return `${prefix}${time}${show.terminal ? terminalText(line.text) : line.text}\n`;
}

/** Adds `logs`. */
export function addLogs(program: Command, cli: Cli): void {
  const logs = subcommand(program, "logs [service]", "what containers wrote", { output: true })
    .option("-f, --follow", "go on with what comes")
    .option("-n, --tail <lines>", "only so many of the last lines of each container")
    .option("--since <when>", "only what is younger: 10m, or 2026-01-31T12:00:00Z")
    .option("--run <number>", "of one run of a job alone; `skerry describe job` has the numbers")
    .option("-t, --timestamps", "the time before each line")
    .option("--no-prefix", "without the service before each line");
  examples(
    logs,
    "skerry logs -f web",
    "skerry logs -p shop --since 10m     every service of a project, prefixed",
    "skerry logs db -n 100 -o json       one JSON object a line",
    "skerry logs backup --run 12",
  );
  logs.action((service: string | undefined, raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    const tail = tailCount(options.tail);
    const run = options.run === undefined ? null : runNumber(options.run, "--run");
    if (run !== null && service === undefined) {
      throw new UsageError("--run: a run is one of a service", "name the service before it");
    }
    const { terminal, clock } = cli.host;
    const format = sharedOptions(command).output ?? "table";
    if (format === "yaml") {
      throw new UsageError("a log is no YAML", "write -o json for one object a line");
    }
    const json = format === "json";
    const show = {
      prefix: service === undefined && (options.prefix ?? true),
      timestamps: options.timestamps ?? false,
      terminal: terminal.outIsTerminal,
    };
    return withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api);
      const join = createLineJoiner();
      const query = {
        ...(service === undefined ? {} : { service: serviceName(service) }),
        ...(tail === null ? {} : { tail }),
        ...(run === null ? {} : { run }),
        ...(options.since === undefined ? {} : { since: sinceMoment(options.since, clock.now()) }),
        follow: options.follow ?? false,
      };
      const { tail: _tail, ...rest } = query;
      const ended = watchSignal(cli);
      const records = query.follow
        ? recordsOf(cli, {
          open: (signal, opened, again) =>
            api.logs(
              project,
              again === undefined ? query : { ...rest, since: again },
              signal,
              opened,
            ),
          at: (line) => Date.parse(line.time),
          key: ({ time, deployment, stream }) => `${time} ${deployment} ${stream}`,
        })
        : api.logs(project, query, ended);
      try {
        for await (const record of records) {
          const line = join(record);
          if (line === null) continue;
          terminal.out(json ? JSON.stringify(line) + "\n" : lineText(line, show, cli.paint));
        }
      } catch (thrown) {
        if (!ended.aborted) throw thrown;
      }
    });
  });
}
