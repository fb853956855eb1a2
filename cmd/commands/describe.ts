/** `skerry describe KIND NAME`: everything about one thing, with why it is not as wished. */
import type { Command } from "commander";
import { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import type { WatchQuery } from "../../shared/api/queries.ts";
import { ApiError } from "../../shared/api/problem.ts";
import { SkerryError } from "../../shared/errors.ts";
import { ServiceName } from "../../shared/model/service_spec.ts";
import { type Cli, examples, roomOf, sharedOptions, subcommand, withApi } from "../cli.ts";
import {
  CONTAINER,
  JOB,
  NETWORK,
  NODE,
  PROJECT,
  RELEASE,
  ROUTE,
  SERVICE,
  VOLUME,
} from "../describe/kinds.ts";
import type { Asked, Kind } from "../describe/kind.ts";
import { lastEvents } from "../output/events.ts";
import { machineText } from "../output/format.ts";
import { lastLines } from "../output/last_lines.ts";
import { UsageError } from "../usage_error.ts";
import { answersOf } from "../watch/answers.ts";
import { watchFormat, watchOption } from "../watch/option.ts";
import { type TextShown, watchText } from "../watch/text.ts";

const Options = z.object({ watch: z.boolean().exactOptional() });

/** What happened is written down beside the report of it: it is given this long to be there. */
const EVENTS_LAG_MS = 300;

async function shownOf<Answer>(
  cli: Cli,
  api: ApiClient,
  kind: Kind<Answer>,
  answer: Answer,
): Promise<TextShown> {
  const events = await lastEvents(api, kind.events(answer));
  const unwell = kind.unwell?.(answer) ?? null;
  const log = unwell === null
    ? []
    : await lastLines(api, unwell.project, ServiceName.parse(unwell.service), unwell.run);
  return {
    json: { ...answer, events },
    text: () =>
      kind.text(answer, {
        now: cli.host.clock.now(),
        paint: cli.paint,
        room: roomOf(cli.host.terminal),
        events,
        log,
      }),
  };
}

async function* watched<Answer>(
  cli: Cli,
  api: ApiClient,
  kind: Kind<Answer>,
  query: WatchQuery,
): AsyncGenerator<TextShown> {
  let seen = false;
  try {
    for await (const answer of answersOf(cli, api, kind.described, query)) {
      await cli.host.clock.sleep(EVENTS_LAG_MS, cli.host.signal);
      yield await shownOf(cli, api, kind, answer);
      seen = true;
    }
  } catch (thrown) {
    if (!seen || !(thrown instanceof ApiError) || thrown.status !== 404) throw thrown;
    cli.host.terminal.err(`it is gone: ${thrown.message}\n`);
  }
}

async function found<Answer>(
  asked: Asked,
  kind: Kind<Answer>,
  names: readonly string[],
): Promise<readonly WatchQuery[]> {
  const queries: WatchQuery[] = [];
  for (const name of names.length === 0 ? [null] : names) {
    queries.push(...await kind.find(asked, name));
  }
  if (queries.length > 0) return queries;
  throw new SkerryError("not_found", `there is no ${kind.name} yet`, "apply one: skerry apply");
}

function addKind<Answer>(describe: Command, cli: Cli, kind: Kind<Answer>): void {
  const described = subcommand(describe, `${kind.name} ${kind.takes}`, kind.summary, {
    output: true,
  }).addOption(watchOption());
  examples(described, ...kind.examples);
  described.action((names: string[], raw: unknown, command: Command) => {
    const { watch = false } = Options.parse(raw);
    return withApi(cli, command, async (api) => {
      const { terminal } = cli.host;
      const watching = watch ? watchFormat(command) : null;
      const queries = await found({ cli, command, api }, kind, names);
      const [first] = queries;
      if (watching !== null) {
        if (first === undefined || queries.length > 1) {
          throw new UsageError(`${queries.length} are meant, and one can be watched`, "name one");
        }
        return await watchText(cli, watching, watched(cli, api, kind, first));
      }
      const shown: TextShown[] = [];
      for (const query of queries) {
        shown.push(await shownOf(cli, api, kind, await api.look(kind.described, query)));
      }
      const format = sharedOptions(command).output ?? "table";
      if (format === "table") return terminal.out(shown.map(({ text }) => text()).join("\n"));
      const values = shown.map(({ json }) => json);
      terminal.out(await machineText(format, values.length === 1 ? values[0] : values));
    });
  });
}

/** Adds `describe`. */
export function addDescribe(program: Command, cli: Cli): void {
  const describe = program.command("describe").description("everything about one thing");
  addKind(describe, cli, SERVICE);
  addKind(describe, cli, CONTAINER);
  addKind(describe, cli, NODE);
  addKind(describe, cli, JOB);
  addKind(describe, cli, VOLUME);
  addKind(describe, cli, ROUTE);
  addKind(describe, cli, NETWORK);
  addKind(describe, cli, PROJECT);
  addKind(describe, cli, RELEASE);
}
