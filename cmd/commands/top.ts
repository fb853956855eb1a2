/** `skerry top`: what the node and every container uses now. */
import { type Command, Option } from "commander";
import { z } from "zod";
import type { LatestView } from "../../shared/model/metrics.ts";
import {
  type Cli,
  examples,
  roomOf,
  sharedOptions,
  subcommand,
  withApi,
  writtenProject,
} from "../cli.ts";
import { machineText } from "../output/format.ts";
import { tableLines } from "../output/table.ts";
import { nodeLine, TOP_COLUMNS, TOP_ORDERS, topRows } from "../output/top.ts";
import { UsageError } from "../usage_error.ts";
import { canRedraw, createScreen } from "../watch/screen.ts";

const Options = z.object({
  once: z.boolean().exactOptional(),
  sort: z.enum(TOP_ORDERS),
  interval: z.string(),
});

/** Rates are of the time between two looks. */
const RATE_MS = 2_000;

function seconds(text: string): number {
  const value = Number(text.replace(/s$/, ""));
  if (/^\d{1,3}s?$/.test(text) && value >= 2 && value <= 600) return value;
  throw new UsageError(`--interval: "${text}" does not fit`, "write seconds from 2 to 600");
}

/** Adds `top`. */
export function addTop(program: Command, cli: Cli): void {
  const top = subcommand(program, "top", "what the node and every container uses now", {
    output: true,
  })
    .option("--once", "one look, then it ends")
    .addOption(
      new Option("--sort <by>", "what stands first").choices([...TOP_ORDERS]).default("cpu"),
    )
    .option("--interval <seconds>", "between two looks", "2");
  examples(
    top,
    "skerry top                          until Ctrl-C",
    "skerry top -p shop --sort memory",
    "skerry top --once -o json",
  );
  top.action((raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    const everyMs = seconds(options.interval) * 1_000;
    const { terminal, clock, signal, env, onResize } = cli.host;
    const format = sharedOptions(command).output ?? "table";
    const project = writtenProject(cli, command) ?? undefined;
    const linesOf = (latest: LatestView) => {
      const rows = topRows(latest.containers, options.sort);
      const none = project === undefined ? "nothing runs" : `nothing of "${project}" runs`;
      const room = roomOf(terminal);
      return [
        nodeLine(latest),
        ...(rows.length === 0 ? [none] : tableLines(TOP_COLUMNS, rows, cli.paint, room)),
      ];
    };
    const textOf = async (latest: LatestView, going: boolean) => {
      const { containers, ...node } = latest;
      const sorted = { ...node, containers: [...topRows(containers, options.sort)] };
      if (going && format === "json") return JSON.stringify(sorted) + "\n";
      if (format !== "table") return await machineText(format, sorted);
      return linesOf(latest).join("\n") + "\n";
    };
    const once = options.once === true || format === "yaml" || !terminal.outIsTerminal;
    return withApi(cli, command, async (api) => {
      if (once) {
        // The first look after a while has nothing to count from.
        if (rateless(await api.latestMetrics(project))) await clock.sleep(RATE_MS, signal);
        return terminal.out(await textOf(await api.latestMetrics(project), false));
      }
      const live = format === "table" && canRedraw(terminal, env);
      const screen = createScreen(terminal);
      const stop = onResize(() => screen.resized());
      try {
        while (!signal.aborted && !terminal.closed.aborted) {
          const latest = await api.latestMetrics(project);
          if (live) screen.draw(linesOf(latest));
          else terminal.out(await textOf(latest, true));
          await clock.sleep(everyMs, signal);
        }
      } finally {
        stop();
      }
    });
  });
}

/** Has it no rate of anything? */
function rateless({ values }: LatestView): boolean {
  return values.cpu === null;
}
