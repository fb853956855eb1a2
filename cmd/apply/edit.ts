/** Sends edits of a released project, shows what they change, and follows them. */
import type { ApiClient } from "../../shared/api/client.ts";
import type { EditRequest } from "../../shared/api/edits.ts";
import type { Cli } from "../cli.ts";
import { sharedOptions } from "../cli.ts";
import type { Command } from "commander";
import { machineText } from "../output/format.ts";
import { painter } from "../terminal.ts";
import { waitForRelease } from "./follow.ts";
import { planText, warningText } from "./plan_text.ts";

export interface EditOptions {
  /** Only say what would change. */
  readonly plan?: boolean;
  readonly wait?: boolean;
}

/** Carries the edits out as `apply` does: the plan first, then the release, then its end. */
export async function sendEdits(
  cli: Cli,
  command: Command,
  api: ApiClient,
  project: string,
  request: EditRequest,
  options: EditOptions,
): Promise<void> {
  const { terminal, env } = cli.host;
  const format = sharedOptions(command).output ?? "table";
  const paint = painter(terminal.errIsTerminal, env);
  const plan = await api.planEdit(project, request);
  for (const warning of plan.warnings) terminal.err(warningText(warning, paint) + "\n");
  if (options.plan === true) {
    const text = format === "table"
      ? planText(plan, cli.paint, false)
      : await machineText(format, plan);
    return terminal.out(text);
  }
  terminal.err(planText(plan, paint, false));
  // What was shown is what is done: another release meanwhile is told as one.
  const parent = plan.parent === null ? {} : { parent: plan.parent };
  const accepted = await api.edit(project, { ...request, ...parent }, crypto.randomUUID());
  if (options.wait !== true) {
    if (format !== "table") return terminal.out(await machineText(format, accepted));
    return terminal.err("accepted; see how it goes with `skerry rollout status`\n");
  }
  await waitForRelease(cli, api, accepted.id, format);
}
