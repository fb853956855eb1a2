/** `skerry boot enable|disable|status`: whether `skerry up` starts with the machine, by systemd. */
import type { Command } from "commander";
import { z } from "zod";
import { readTextIfThere } from "../../shared/atomic_file.ts";
import { SkerryError } from "../../shared/errors.ts";
import { DEFAULT_HOME, type HomeLayout } from "../../shared/home.ts";
import { type BootPlan, renderUnit, unitName } from "../boot/unit.ts";
import { type Cli, examples, layoutOf, printList, subcommand, withLocalApi } from "../cli.ts";
import { addFlags, upOptions, writtenSettings } from "../flags.ts";

/** Adds `boot`. */
export function addBoot(program: Command, cli: Cli): void {
  const boot = program.command("boot").description("start `skerry up` with the machine (systemd)");
  const bare = { project: false };

  const enable = subcommand(
    boot,
    "enable",
    "start `skerry up` now and with the machine, with these settings",
    bare,
  );
  addFlags(enable, "up");
  examples(
    enable,
    "skerry boot enable",
    "skerry boot enable --http-port 8080 --https-port 8443",
    "SKERRY_HOME=/srv/two SKERRY_HTTP_PORT=8080 skerry boot enable",
  );
  enable.action((raw: unknown, command: Command) => {
    const flags = z.record(z.string(), z.unknown()).parse(raw);
    return enableBoot(cli, command, flags);
  });

  subcommand(boot, "disable", "end `skerry up` and start it no more with the machine", bare)
    .action((_raw: unknown, command: Command) => disableBoot(cli, command));

  subcommand(boot, "status", "the unit, and what systemd says of it", { ...bare, output: true })
    .action((_raw: unknown, command: Command) => showBoot(cli, command));
}

async function enableBoot(
  cli: Cli,
  command: Command,
  flags: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { systemd, terminal, env, hostname, skerryCommand } = cli.host;
  const layout = layoutOf(cli, command);
  const given = { flags, env, hostname };
  // Throws where a setting does not fit: a unit that cannot start would be worse.
  upOptions(layout, given);
  if (skerryCommand === null) {
    throw new SkerryError(
      "no_command",
      "the `skerry` command is not installed, so a unit has nothing to start",
      "sh scripts/setup/run.sh, then call this as `skerry boot enable`",
    );
  }
  const plan: BootPlan = { layout, program: skerryCommand, settings: writtenSettings(given) };
  await needSystemd(cli, plan);
  const unit = unitName(layout);
  const text = renderUnit(plan);
  const before = await systemd.read(unit);
  await systemd.enable(unit, text);
  terminal.out(`${unit} ${before === text ? "is as it was" : "is written"}; it starts at boot\n`);
  const { state, pid } = await systemd.look(unit);
  if (pid !== null) {
    if (before !== text) {
      terminal.out(`process ${pid} has the settings of before: systemctl restart ${unit}\n`);
    }
    return;
  }
  const answers = await withLocalApi(
    cli,
    command,
    (api) => api.version().then(() => true, () => false),
  );
  if (answers) {
    const holder = (await readTextIfThere(`${layout.lockFile}.control`))?.trim() ?? "PID";
    terminal.out(
      `\`skerry up\` runs already, started by hand: the unit takes over at the next boot,\n` +
        `or now: kill ${holder} && systemctl start ${unit} (containers and ingress go on)\n`,
    );
    return;
  }
  if (state === "failed") await systemd.stop(unit);
  await systemd.start(unit);
  terminal.out(`\`skerry up\` is started; its log: journalctl -fu ${unit}\n`);
}

async function disableBoot(cli: Cli, command: Command): Promise<void> {
  const { systemd, terminal } = cli.host;
  const layout = layoutOf(cli, command);
  const unit = unitName(layout);
  if (!(await systemd.running()) || (await systemd.read(unit)) === null) {
    terminal.err(`there is no ${unit}: nothing starts Skerry with this machine by it\n`);
    return;
  }
  const { pid } = await systemd.look(unit);
  if (pid !== null) await systemd.stop(unit);
  await systemd.disable(unit);
  terminal.out(
    `${unit} is removed${pid === null ? "" : " and `skerry up` has ended"}; ` +
      "containers and ingress go on until the machine ends\n",
  );
}

async function showBoot(cli: Cli, command: Command): Promise<void> {
  const { systemd } = cli.host;
  const unit = unitName(layoutOf(cli, command));
  const running = await systemd.running();
  const state = running ? await systemd.look(unit) : null;
  const rows = [{
    unit,
    systemd: running,
    path: state?.path ?? null,
    startsAtBoot: state?.startsAtBoot ?? false,
    state: state?.state ?? "unknown",
    pid: state?.pid ?? null,
    restarts: state?.restarts ?? 0,
  }];
  await printList(cli, command, rows, [
    { title: "UNIT", cell: (row) => row.unit },
    {
      title: "AT BOOT",
      cell: (row) =>
        row.startsAtBoot
          ? { text: "yes", tone: "good" }
          : { text: row.systemd ? "no" : "no: systemd does not run here", tone: "bad" },
    },
    { title: "STATE", cell: (row) => row.state },
    { title: "PROCESS", cell: (row) => row.pid === null ? "" : String(row.pid) },
    { title: "RESTARTS", cell: (row) => String(row.restarts) },
  ], "");
  if (state?.startsAtBoot !== true) cli.exitWith(1);
}

async function needSystemd(cli: Cli, { layout, program, settings }: BootPlan): Promise<void> {
  if (await cli.host.systemd.running()) return;
  const variables = [...homeSetting(layout), ...settings]
    .map(({ variable, text }) => `${variable}=${text}`);
  throw new SkerryError(
    "no_systemd",
    "systemd does not run this machine",
    `have your init system keep \`${[...variables, program].join(" ")} up\` running, ` +
      "and leave its children alone when it ends",
  );
}

function homeSetting({ home }: HomeLayout): readonly { variable: string; text: string }[] {
  return home === DEFAULT_HOME ? [] : [{ variable: "SKERRY_HOME", text: home }];
}
