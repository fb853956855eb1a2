/** Clock, real-time clock and zone of this host. Pure. */
import { bad, type Finding, ok, warning } from "./finding.ts";

export interface ClockFacts {
  readonly now: number;
  /** The program was made then: no clock that is right is earlier. */
  readonly builtAt: number;
  /** Does the kernel count its clock as synchronised? null: nobody said. */
  readonly synchronized: boolean | null;
  /** Programs that keep clocks right and run here. */
  readonly keepers: readonly string[];
  /** What the battery-backed clock says, ms; null: there is none. */
  readonly rtc: number | null;
  /** Such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** /etc/localtime can be read. */
  readonly localtime: boolean;
}

const DRIFT_MS = 300_000;
const YEARS_MS = 10 * 365 * 86_400_000;

const day = (ms: number) => new Date(ms).toISOString().slice(0, 19) + "Z";

/** Is it about now, and will it be after a power cut? */
export function clockFindings(facts: ClockFacts): Finding[] {
  const { now, builtAt, synchronized, keepers, rtc, timeZone, localtime } = facts;
  const findings: Finding[] = [];
  if (now < builtAt || now > builtAt + YEARS_MS) {
    findings.push(bad(
      "clock",
      `it says ${day(now)}, and this program was made about ${day(builtAt).slice(0, 10)}: ` +
        "certificates, log times and schedules are wrong",
      "timedatectl set-ntp true, or by hand: date -u -s 'YYYY-MM-DD HH:MM:SS' && hwclock --systohc",
    ));
  } else if (synchronized === true || (synchronized === null && keepers.length > 0)) {
    const by = keepers.length === 0 ? "" : ` by ${keepers.join(", ")}`;
    findings.push(ok("clock", `${day(now)}, kept right${by}`));
  } else {
    findings.push(warning(
      "clock",
      `${day(now)}, and nothing keeps it right`,
      keepers.length === 0
        ? "apt-get install -y systemd-timesyncd && timedatectl set-ntp true"
        : `see whether ${keepers.join(", ")} reaches its servers: timedatectl timesync-status`,
    ));
  }
  if (rtc === null) {
    findings.push(warning(
      "real-time clock",
      "none: after a power cut the clock is wrong until a time server answers",
      "apt-get install -y fake-hwclock, or give the box a clock with a battery",
    ));
  } else if (Math.abs(rtc - now) > DRIFT_MS) {
    findings.push(warning(
      "real-time clock",
      `it says ${day(rtc)}: the next boot begins with that`,
      "hwclock --systohc --utc",
    ));
  } else findings.push(ok("real-time clock", "agrees"));
  findings.push(
    localtime ? ok("time zone", timeZone) : warning(
      "time zone",
      "/etc/localtime is missing: the host's times are UTC",
      "apt-get install -y tzdata && timedatectl set-timezone Europe/Berlin",
    ),
  );
  return findings;
}
