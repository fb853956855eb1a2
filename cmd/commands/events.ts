/** `skerry events`: what happened on the node, in order. */
import type { Command } from "commander";
import { z } from "zod";
import type { NodeEvent } from "../../shared/model/event.ts";
import {
  type Cli,
  examples,
  printList,
  serviceName,
  sharedOptions,
  subcommand,
  withApi,
  writtenProject,
} from "../cli.ts";
import { EVENT_COLUMNS, eventTone, momentText, subjectText } from "../output/events.ts";
import { type Paint, printable } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";
import { recordsOf } from "../watch/records.ts";
import { sinceMoment, tailCount } from "./logs.ts";

const Options = z.object({
  follow: z.boolean().exactOptional(),
  watch: z.boolean().exactOptional(),
  tail: z.string().exactOptional(),
  since: z.string().exactOptional(),
  until: z.string().exactOptional(),
});

function eventLine(event: NodeEvent, paint: Paint): string {
  const kind = paint(eventTone(event.kind), event.kind.padEnd(15));
  const where = subjectText(event).padEnd(20);
  return `${momentText(event.at)}  ${where}  ${kind}  ${printable(event.message)}\n`;
}

/** Adds `events`. */
export function addEvents(program: Command, cli: Cli): void {
  const events = subcommand(program, "events [service]", "what happened, in order, and why", {
    output: true,
  })
    .option("-f, --follow", "go on with what comes")
    .option("-w, --watch", "the same as --follow")
    .option("-n, --tail <events>", "only so many of the last ones")
    .option("--since <when>", "only what is younger: 1h, or 2026-01-31T12:00:00Z")
    .option("--until <when>", "only what is older: 10m, or 2026-01-31T12:00:00Z");
  examples(
    events,
    "skerry events                       of the whole node",
    "skerry events web -p shop --since 1h",
    "skerry events -f -o json            one JSON object a line",
  );
  events.action((service: string | undefined, raw: unknown, command: Command) => {
    const options = Options.parse(raw);
    const tail = tailCount(options.tail);
    const { terminal, signal, clock } = cli.host;
    const follow = (options.follow ?? false) || (options.watch ?? false);
    const format = sharedOptions(command).output ?? "table";
    if (follow && format === "yaml") {
      throw new UsageError("a stream of events is no YAML", "write -o json for one object a line");
    }
    const { since, until } = options;
    if (follow && until !== undefined) {
      throw new UsageError("--until ends what --follow goes on with", "leave out one of them");
    }
    const project = writtenProject(cli, command);
    const query = {
      ...(project === null ? {} : { project }),
      ...(service === undefined ? {} : { service: serviceName(service) }),
      ...(tail === null ? {} : { tail }),
      ...(since === undefined ? {} : { since: sinceMoment(since, clock.now()) }),
      ...(until === undefined ? {} : { until: sinceMoment(until, clock.now(), "--until") }),
      follow,
    };
    const { tail: _tail, ...rest } = query;
    return withApi(cli, command, async (api) => {
      if (!follow) {
        const found: NodeEvent[] = [];
        try {
          for await (const event of api.events(query, signal)) found.push(event);
        } catch (thrown) {
          if (!signal.aborted) throw thrown;
        }
        return await printList(cli, command, found, EVENT_COLUMNS, "nothing happened");
      }
      const events = recordsOf(cli, {
        open: (ended, opened, again) =>
          api.events(again === undefined ? query : { ...rest, since: again }, ended, opened),
        at: (event) => event.at,
        key: (event) => JSON.stringify(event),
      });
      for await (const event of events) {
        terminal.out(
          format === "json" ? JSON.stringify(event) + "\n" : eventLine(event, cli.paint),
        );
      }
    });
  });
}
