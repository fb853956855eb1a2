/** `skerry doctor`: what is wrong on this machine, and the command that mends it. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { createRunCommand } from "../../shared/command.ts";
import { writeFileAtomically } from "../../shared/atomic_file.ts";
import type { HomeLayout } from "../../shared/home.ts";
import {
  type Cli,
  examples,
  layoutOf,
  printList,
  sharedOptions,
  subcommand,
  withLocalApi,
} from "../cli.ts";
import { bundleFiles, packBundle } from "../doctor/bundle.ts";
import { findings } from "../doctor/check.ts";
import type { Finding } from "../doctor/finding.ts";
import { gatherBundle, knownSecrets } from "../doctor/look_bundle.ts";
import { lookAtMachine } from "../doctor/look.ts";
import { addFlags, upOptions } from "../flags.ts";
import { z } from "zod";

const TONE = { ok: "good", warning: "busy", bad: "bad" } as const;

async function writeBundle(
  cli: Cli,
  command: Command,
  layout: HomeLayout,
  found: readonly Finding[],
  file: string | null,
): Promise<void> {
  const { clock, cwd, terminal } = cli.host;
  const run = createRunCommand();
  const now = clock.now();
  const moment = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  const name = `skerry-support-${moment}`;
  const files = bundleFiles(
    await withLocalApi(cli, command, (api) => gatherBundle({ layout, api, findings: found, run })),
    await knownSecrets(layout, run),
  );
  const path = resolve(cwd, file ?? `${name}.tar.gz`);
  await writeFileAtomically(path, await packBundle(files, name, now), 0o600);
  terminal.err(`\n${files[0]?.text ?? ""}\nWritten: ${path}\n`);
}

/** Adds `doctor`. */
export function addDoctor(program: Command, cli: Cli): void {
  const doctor = subcommand(
    program,
    "doctor",
    "what is wrong on this machine, and what mends it",
    { project: false, output: true },
  );
  addFlags(doctor, "up");
  doctor.option(
    "--bundle [file]",
    "write a support archive without secrets, and list what is in it",
  );
  examples(
    doctor,
    "skerry doctor",
    "skerry doctor --bundle",
    "skerry doctor --http-port 8080 -o json",
  );
  doctor.action(async (raw: unknown, command: Command) => {
    const flags = z.record(z.string(), z.unknown()).parse(raw);
    const { env, hostname, terminal, systemd, clock } = cli.host;
    const options = upOptions(layoutOf(cli, command), { flags, env, hostname });
    const { version, disk } = await withLocalApi(cli, command, async (api) => ({
      version: await api.version().then((view) => view.version, () => null),
      // Of the node of this machine, which is the only one for now.
      disk: await api.nodes().then(([node]) => node?.disk ?? null, () => null),
    }));
    const found = findings(
      await lookAtMachine({
        options,
        controlVersion: version,
        disk,
        env,
        systemd,
        now: clock.now(),
      }),
    );
    await printList(cli, command, found, [
      { title: "WHAT", cell: (row) => row.what },
      { title: "STATE", cell: (row) => ({ text: row.state, tone: TONE[row.state] }) },
      { title: "FOUND", cell: (row) => row.found },
    ], "nothing to say");
    if ((sharedOptions(command).output ?? "table") === "table") {
      // Each whole on one line: people copy them.
      for (const { what, remedy } of found) {
        if (remedy !== null) {
          terminal.out(`\n${cli.paint("strong", what)}: what to do\n  ${remedy}\n`);
        }
      }
    }
    if (flags["bundle"] !== undefined) {
      const file = typeof flags["bundle"] === "string" ? flags["bundle"] : null;
      await writeBundle(cli, command, options.layout, found, file);
    }
    const bad = found.filter((finding) => finding.state === "bad").length;
    if (bad === 0) return;
    terminal.err(`${bad} ${bad === 1 ? "thing is" : "things are"} bad\n`);
    cli.exitWith(1);
  });
}
