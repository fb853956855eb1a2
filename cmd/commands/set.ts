/** `skerry set` and `skerry scale`: single values of a running project, without its files. */
import type { Command } from "commander";
import { z } from "zod";
import {
  CRON_CHARACTERS,
  type Edit,
  IMAGE_CHARACTERS,
  MAX_REPLICAS,
} from "../../shared/api/edits.ts";
import { ServiceName } from "../../shared/model/service_spec.ts";
import { sendEdits } from "../apply/edit.ts";
import { type Cli, examples, projectOf, serviceName, subcommand, withApi } from "../cli.ts";
import { UsageError } from "../usage_error.ts";

const Options = z.object({ plan: z.boolean().exactOptional(), wait: z.boolean().exactOptional() });

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function checkLength(
  written: string,
  what: string,
  value: string,
  most: number,
  example: string,
): void {
  if (value.length > 0 && value.length <= most) return;
  throw new UsageError(
    value === ""
      ? `${shown(written)} names no ${what}`
      : `the ${what} of ${shown(written)} has more than ${most} characters`,
    `write it behind the =, such as ${example}`,
  );
}

/** Two values for one thing: one of them would be lost without a word. */
function checkOnce(edits: readonly Edit[]): void {
  const seen = new Set<string>();
  for (const edit of edits) {
    const variable = edit.kind === "variable" ? edit.name : null;
    const key = JSON.stringify([edit.service, variable]);
    if (seen.has(key)) {
      throw new UsageError(
        variable === null
          ? `${shown(edit.service)} is given two values`
          : `the variable ${shown(variable)} of ${shown(edit.service)} is given two values`,
        "leave one of them",
      );
    }
    seen.add(key);
  }
}

/** A name and what follows its first `=`. */
function pair(written: string, form: string): readonly [string, string] {
  const at = written.indexOf("=");
  if (at > 0) return [written.slice(0, at), written.slice(at + 1)];
  throw new UsageError(`${shown(written)} has no value`, `write ${form}`);
}

function serviceOf(written: string): ServiceName {
  return ServiceName.parse(serviceName(written));
}

function imageEdit(written: string): Edit {
  const [service, image] = pair(written, "SERVICE=IMAGE");
  checkLength(written, "image", image, IMAGE_CHARACTERS, "web=registry.example/web:1.5");
  return { kind: "image", service: serviceOf(service), image };
}

function scheduleEdit(written: string): Edit {
  const [service, cron] = pair(written, 'SERVICE="0 3 * * *"');
  checkLength(written, "schedule", cron, CRON_CHARACTERS, 'backup="0 3 * * *"');
  return { kind: "schedule", service: serviceOf(service), cron };
}

function replicasEdit(written: string): Edit {
  const [service, count] = pair(written, "SERVICE=NUMBER");
  if (!/^\d{1,3}$/.test(count) || Number(count) > MAX_REPLICAS) {
    throw new UsageError(
      `${shown(count)} is no number of replicas for ${shown(service)}`,
      `write a whole number from 0 to ${MAX_REPLICAS}, such as ${service}=3`,
    );
  }
  return { kind: "replicas", service: serviceOf(service), replicas: Number(count) };
}

/** `NAME=VALUE` sets, `NAME-` takes away, as with kubectl. */
function variableEdit(service: ServiceName, written: string): Edit {
  if (/^[^=]+-$/.test(written)) {
    return { kind: "variable", service, name: written.slice(0, -1), value: null };
  }
  const [name, value] = pair(written, "NAME=VALUE, or NAME- to take it away");
  return { kind: "variable", service, name, value };
}

function withOptions(command: Command): Command {
  return command
    .option("--plan", "only say what would change")
    .option("--wait", "show progress until it is up; exit 1 where it was rolled back");
}

const NEXT_APPLY = "\nThe next `skerry apply` of the project's files brings their values back: " +
  "write the change there too.";

/** Adds `set` and `scale`. */
export function addSet(program: Command, cli: Cli): void {
  const send = async (command: Command, raw: unknown, edits: Edit[]) => {
    checkOnce(edits);
    await withApi(cli, command, async (api) => {
      const project = await projectOf(cli, command, api);
      await sendEdits(cli, command, api, project, { edits }, Options.parse(raw));
    });
  };
  const set = program.command("set").description(
    "change single values of a running project, without its files",
  );
  const image = withOptions(
    subcommand(set, "image <service=image...>", "other images", { output: true }),
  );
  examples(image, "skerry set image web=registry.example/web:1.5 --wait");
  image.action((written: string[], raw: unknown, command: Command) =>
    send(command, raw, written.map(imageEdit))
  );
  const env = withOptions(
    subcommand(set, "env <service> <name=value...>", "variables of a service", { output: true }),
  );
  examples(env, "skerry set env web LEVEL=debug --wait", "skerry set env web LEVEL-");
  env.action((service: string, written: string[], raw: unknown, command: Command) =>
    send(command, raw, written.map((each) => variableEdit(serviceOf(service), each)))
  );
  const schedule = withOptions(
    subcommand(set, "schedule <service=cron...>", "when jobs run", { output: true }),
  );
  examples(schedule, 'skerry set schedule backup="30 2 * * *"');
  schedule.action((written: string[], raw: unknown, command: Command) =>
    send(command, raw, written.map(scheduleEdit))
  );
  const scale = withOptions(
    subcommand(program, "scale <service=number...>", "how many of a service run", {
      output: true,
    }),
  );
  examples(scale, "skerry scale web=3 --wait");
  scale.action((written: string[], raw: unknown, command: Command) =>
    send(command, raw, written.map(replicasEdit))
  );
  for (const each of [image, env, schedule, scale]) each.addHelpText("after", NEXT_APPLY);
}
