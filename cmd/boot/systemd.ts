/** The host's systemd, as far as one unit is concerned. */
import { z } from "zod";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import type { RunCommand } from "../../shared/command.ts";

/** What systemd says of a unit. */
export interface UnitState {
  /** The unit's file; null: it is not there. */
  readonly path: string | null;
  readonly startsAtBoot: boolean;
  /** In systemd's words: `active`, `inactive`, `activating`, `failed`. */
  readonly state: string;
  /** The main process; null: none. */
  readonly pid: number | null;
  /** Seconds since the unit's start are systemd's own; this counts its automatic restarts. */
  readonly restarts: number;
}

export interface Systemd {
  /** Does systemd run this machine? (sd_booted(3)) */
  readonly running: () => Promise<boolean>;
  /** Is the machine on its way down? false: systemd does not run it, or says so. */
  readonly ending: () => Promise<boolean>;
  readonly look: (unit: string) => Promise<UnitState>;
  /** The unit's text; null: it is not there. */
  readonly read: (unit: string) => Promise<string | null>;
  /** Writes the unit, and has it start with the machine. */
  readonly enable: (unit: string, text: string) => Promise<void>;
  readonly start: (unit: string) => Promise<void>;
  /** Ends what runs by the unit; what KillMode leaves stays. */
  readonly stop: (unit: string) => Promise<void>;
  /** The unit's file goes, and it starts no more with the machine. */
  readonly disable: (unit: string) => Promise<void>;
}

const Shown = z.object({
  UnitFileState: z.string(),
  ActiveState: z.string(),
  MainPID: z.coerce.number(),
  NRestarts: z.coerce.number(),
});
const PROPERTIES = Object.keys(Shown.shape).join(",");

/** `systemctl show`: a line `Name=value` each. */
export function parseShow(text: string): z.infer<typeof Shown> {
  const pairs = text.split("\n").filter((line) => line.includes("=")).map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const parsed = Shown.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  throw new SkerryError(
    "systemd_said",
    `systemctl show said something else than expected: ${JSON.stringify(text.slice(0, 200))}`,
    "look yourself: systemctl status skerry",
  );
}

/** @param folder of units that the operator's programs write; @param booted is there while systemd runs */
export function createSystemd(
  run: RunCommand,
  folder = "/etc/systemd/system",
  booted = "/run/systemd/system",
): Systemd {
  const systemctl = async (...args: string[]): Promise<string> => {
    const done = await run(["systemctl", ...args], { timeoutMs: 120_000 });
    if (done.code === 0) return done.stdout;
    throw new SkerryError(
      "systemd_refused",
      `systemctl ${args.join(" ")} failed: ${done.stderr.trim() || `exit ${done.code}`}`,
      "see: journalctl -xe",
    );
  };
  const running = async () => (await Deno.stat(booted).catch(() => null))?.isDirectory ?? false;
  const fileOf = (unit: string) => `${folder}/${unit}`;
  return {
    running,
    // It ends with 1 for every state but `running`.
    ending: async () =>
      await running() &&
      (await run(["systemctl", "is-system-running"])).stdout.trim() === "stopping",
    async look(unit) {
      const shown = parseShow(await systemctl("show", `--property=${PROPERTIES}`, unit));
      const there = (await readTextIfThere(fileOf(unit))) !== null;
      return {
        path: there ? fileOf(unit) : null,
        startsAtBoot: shown.UnitFileState === "enabled",
        state: shown.ActiveState,
        pid: shown.MainPID === 0 ? null : shown.MainPID,
        restarts: shown.NRestarts,
      };
    },
    read: (unit) => readTextIfThere(fileOf(unit)),
    async enable(unit, text) {
      try {
        await writeFileAtomically(fileOf(unit), text, 0o644);
      } catch (thrown) {
        throw new SkerryError(
          "unit_not_written",
          `cannot write ${fileOf(unit)}: ${messageOf(thrown)}`,
          "run it as root",
          { cause: thrown },
        );
      }
      await systemctl("daemon-reload");
      await systemctl("enable", "--quiet", unit);
    },
    start: async (unit) => void await systemctl("start", unit),
    stop: async (unit) => void await systemctl("stop", unit),
    async disable(unit) {
      await systemctl("disable", "--quiet", unit);
      await Deno.remove(fileOf(unit)).catch((thrown) => {
        if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      });
      await systemctl("daemon-reload");
    },
  };
}
