/** Looks at the clocks of this host. */
import { BUILT_AT } from "../version.ts";
import type { ClockFacts } from "./clock.ts";
import { namesIn, type Probe, textOf, there } from "./probe.ts";

const KEEPERS = ["systemd-timesyn", "chronyd", "ntpd", "ntpd-rs", "openntpd", "phc2sys"];

async function keepers(): Promise<string[]> {
  const found = new Set<string>();
  for (const pid of await namesIn("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const name = (await textOf(`/proc/${pid}/comm`)).trim();
    // The kernel keeps 15 letters of a name.
    if (KEEPERS.includes(name)) found.add(name.replace("systemd-timesyn", "systemd-timesyncd"));
  }
  return [...found].sort();
}

/** What the clock says, and who keeps it right. */
export async function lookAtClock(now: number, probe: Probe): Promise<ClockFacts> {
  const said = await probe(["timedatectl", "show", "--property=NTPSynchronized", "--value"]);
  const rtc = Number(await textOf("/sys/class/rtc/rtc0/since_epoch"));
  return {
    now,
    builtAt: BUILT_AT,
    synchronized: said.ok && /^(yes|no)$/.test(said.text) ? said.text === "yes" : null,
    keepers: await keepers(),
    rtc: rtc > 0 ? rtc * 1000 : null,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    localtime: await there("/etc/localtime"),
  };
}
