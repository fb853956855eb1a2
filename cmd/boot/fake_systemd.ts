/** systemd in memory, for tests: units are enabled, started and stopped, nothing runs. */
import { SkerryError } from "../../shared/errors.ts";
import type { Systemd } from "./systemd.ts";

/** @param running whether systemd runs that machine */
export function createFakeSystemd({ running }: { readonly running: boolean }): Systemd {
  const units = new Map<string, { text: string; pid: number | null }>();
  let lastPid = 100;
  const known = (unit: string) => {
    const found = units.get(unit);
    if (found !== undefined) return found;
    throw new SkerryError("systemd_refused", `Unit ${unit} not found.`);
  };
  return {
    running: () => Promise.resolve(running),
    ending: () => Promise.resolve(false),
    look(unit) {
      const found = units.get(unit);
      return Promise.resolve({
        path: found === undefined ? null : `/etc/systemd/system/${unit}`,
        startsAtBoot: found !== undefined,
        state: (found?.pid ?? null) === null ? "inactive" : "active",
        pid: found?.pid ?? null,
        restarts: 0,
      });
    },
    read: (unit) => Promise.resolve(units.get(unit)?.text ?? null),
    async enable(unit, text) {
      units.set(unit, { text, pid: units.get(unit)?.pid ?? null });
    },
    async start(unit) {
      lastPid += 1;
      known(unit).pid = lastPid;
    },
    async stop(unit) {
      known(unit).pid = null;
    },
    async disable(unit) {
      known(unit);
      units.delete(unit);
    },
  };
}
