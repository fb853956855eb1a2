/** An adoption from its first look to its end, and the way back. */
import type { ApiClient } from "../../shared/api/client.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { HomeLayout } from "../../shared/home.ts";
import { prepare, type Prepared } from "../../shared/project/prepare.ts";
import { planOf } from "../apply/apply.ts";
import { warningText } from "../apply/plan_text.ts";
import type { ReadProject } from "../../shared/project/prepare.ts";
import type { Cli } from "../cli.ts";
import { painter, printable } from "../terminal.ts";
import { carryOut } from "./carry_out.ts";
import { findEngine, socketsToTry } from "./find_engine.ts";
import { goBack } from "./go_back.ts";
import type { HomeEngine } from "./home_engine.ts";
import { type Journal, journalFile } from "./journal.ts";
import { look } from "./look.ts";
import { openOldEngine } from "./old_engine.ts";
import { type AdoptPlan, planAdoption } from "./plan.ts";
import { adoptPlanText, leftoverText } from "./plan_text.ts";
import { ownValue } from "../../shared/own_value.ts";

export interface AdoptWith {
  readonly cli: Cli;
  readonly api: ApiClient;
  readonly layout: HomeLayout;
  readonly home: HomeEngine;
}

export interface AdoptOptions {
  /** No engine is asked. */
  readonly fromFiles: boolean;
  readonly from: string | undefined;
  readonly volumes: string | null;
  readonly images: string | null;
  readonly planOnly: boolean;
  /** Throws where the answer is no. */
  confirm(question: string): Promise<void>;
}

/** The control plane's own look: what it would refuse is known before anything stops. */
async function askControl(
  { cli, api }: AdoptWith,
  prepared: Prepared,
  plan: AdoptPlan,
): Promise<void> {
  const builds = Object.fromEntries(
    plan.images.map((each) => [each.service, { imageId: each.id, reference: each.reference }]),
  );
  for (const [service, { build }] of Object.entries(prepared.model.services)) {
    if (build === undefined || ownValue(builds, service) !== undefined) continue;
    // It is built once the plan was accepted; what it will be changes nothing in this answer.
    builds[service] = { imageId: "0".repeat(64), reference: `localhost/${service}:new` };
  }
  const answer = await planOf(api, { ...prepared, part: { ...prepared.part, builds } }, false);
  const paint = painter(cli.host.terminal.errIsTerminal, cli.host.env);
  for (const each of answer.warnings) cli.host.terminal.err(warningText(each, paint) + "\n");
}

function firstJournal(plan: AdoptPlan, socket: string | null, now: number): Journal {
  return {
    version: 1,
    project: plan.project,
    startedAt: new Date(now).toISOString(),
    socket,
    phase: "copying",
    containers: plan.stop.toReversed().map(({ id, name, service, running, restart }) => ({
      id,
      name,
      service,
      running,
      restart,
    })),
    volumes: plan.volumes.map(({ label, from, folder, to }) => ({
      label,
      from,
      folder,
      to,
      digest: null,
    })),
  };
}

/** Takes a project over; where that fails, the old one runs again. */
export async function adoptProject(
  given: AdoptWith,
  read: ReadProject,
  options: AdoptOptions,
): Promise<void> {
  const { cli, api, layout, home } = given;
  const { terminal, signal, clock } = cli.host;
  const paint = painter(terminal.errIsTerminal, cli.host.env);
  for (const note of read.notes) terminal.err(`note: ${printable(note)}\n`);
  const prepared = await prepare(read);
  const { model } = prepared;
  const file = journalFile(layout, model.name);
  const earlier = await file.read();
  const cut = earlier !== null && ["copying", "starting"].includes(earlier.phase) ? earlier : null;
  if (cut?.phase === "starting") {
    throw new SkerryError(
      "adoption_cut",
      `an adoption of ${model.name} was cut while Skerry started it`,
      `go back first, then adopt again: skerry adopt --undo ${model.name}`,
    );
  }
  using old = options.fromFiles
    ? null
    : await findEngine(socketsToTry(options.from, cli.host.env), model.name, signal);
  const made = new Set(cut?.volumes.map((each) => each.to));
  const files = { volumes: options.volumes, images: options.images };
  const found = await look(model, { api, layout, home, old, files, signal }, made);
  const plan = planAdoption(model, found, layout);
  terminal.err(adoptPlanText(plan, found.origin, paint));
  if (plan.faults.length > 0) {
    throw new SkerryError(
      "not_adoptable",
      `${model.name} cannot be adopted so; nothing was done`,
      "mend what is refused above",
    );
  }
  if (plan.lacking !== null) throw plan.lacking;
  await askControl(given, prepared, plan);
  if (options.planOnly) return;
  if (old === null) {
    terminal.err("Nothing may write to the old volumes meanwhile: stop the old project first.\n");
  }
  if (cut !== null) terminal.err(`An adoption that was cut (${cut.startedAt}) goes on.\n`);
  await options.confirm(
    old === null ? "Bring them?" : "Stop the old project and start it in Skerry?",
  );

  const first = firstJournal(plan, old?.socket ?? null, clock.now());
  // What ran before the cut is what ran: by now some of it was stopped. Copies are made anew, since
  // the old ones may have run since.
  const journal: Journal = cut === null ? first : { ...first, containers: cut.containers };
  const ways = { cli, api, home, old, file, signal };
  try {
    const up = await carryOut({ ...ways, archive: options.images }, plan, prepared, journal);
    if (!up) return terminal.err(`Go back with: skerry adopt --undo ${model.name}\n`);
  } catch (thrown) {
    terminal.err(`${paint("bad", "failed:")} ${printable(messageOf(thrown))}\ngoing back\n`);
    // A Ctrl-C that ended it must not end the way back.
    const signal = new AbortController().signal;
    using again = old === null ? null : await openOldEngine(old.socket, signal);
    const { openHomeEngine } = await import("./home_engine.ts");
    using homeAgain = openHomeEngine(layout.podmanSocket, signal, clock);
    const quiet = { ...cli, host: { ...cli.host, signal } };
    const stopped = await file.read() ?? journal;
    await goBack({ ...ways, cli: quiet, home: homeAgain, old: again, signal }, stopped);
    throw new SkerryError(
      "adoption_failed",
      `${model.name} was not adopted: ${messageOf(thrown)}` +
        (old === null ? "" : "; the old one runs as before"),
      thrown instanceof SkerryError ? thrown.remedy : null,
      { cause: thrown },
    );
  }
  terminal.err(`${model.name} is adopted\n${leftoverText(plan, found.origin)}`);
}

/** `--undo`: at any time after, also of one that was cut. */
export async function undo(
  given: AdoptWith,
  project: string,
  confirm: () => Promise<void>,
): Promise<void> {
  const { cli, layout } = given;
  const file = journalFile(layout, project);
  const journal = await file.read();
  if (journal === null || journal.phase === "undone") {
    throw new SkerryError(
      "not_adopted",
      journal === null
        ? `there is no adoption of "${project}" to undo`
        : `the adoption of "${project}" was undone already`,
      "it takes the name of the project, as `skerry get projects` shows it",
    );
  }
  await confirm();
  const { signal } = cli.host;
  using old = journal.socket === null ? null : await openOldEngine(journal.socket, signal);
  await goBack({ ...given, old, file, signal }, journal);
  cli.host.terminal.err(
    old === null
      ? `${project} is stopped in Skerry; what it came from is untouched\n`
      : `the old ${project} runs again\n`,
  );
}
