/** What `skerry doctor` finds: pure readings of what the machine said. */

import { bytesText } from "../../shared/bytes_text.ts";
import { diskSentence, FREE_SPACE } from "../../shared/disk_text.ts";
import {
  type DiskReport,
  levelOf,
  reserveBytes,
  type Space,
  usedPercent,
} from "../../shared/model/disk.ts";
import { type HostNames, hostNamesFindings } from "./host_names.ts";

export interface Finding {
  readonly what: string;
  /** `note`: it works, and it is good to know. */
  readonly state: "ok" | "missing" | "note";
  readonly found: string;
  /** The command or sentence that mends it; null: nothing to do. */
  readonly remedy: string | null;
}

/** What was seen of this machine; null: it is not there or does not answer. */
export interface Machine {
  readonly root: boolean;
  readonly podmanVersion: string | null;
  readonly programs: Readonly<Record<ProgramName, string | null>>;
  readonly traefikVersion: string | null;
  readonly nftError: string | null;
  readonly bridgeError: string | null;
  readonly ipForward: boolean | null;
  readonly home: string;
  /** Of the disk that the home lies on. */
  readonly space: Space | null;
  readonly diskHighPercent: number;
  /** What the node says of it. */
  readonly disk: DiskReport | null;
  /** Null where the control plane does not answer. */
  readonly controlVersion: string | null;
  readonly hostNames: HostNames;
  /** Does systemd start `skerry up` with the machine? null: systemd does not run here. */
  readonly startsAtBoot: boolean | null;
  readonly socket: string;
  /** Ports that Skerry would take but something holds: its own ingress too, while `up` is away. */
  readonly takenPorts: readonly { readonly port: number; readonly flag: string }[];
}

/** Programs that are looked for on the PATH and in Podman's folders. */
export const PROGRAMS = [
  "netavark",
  "conmon",
  "runc",
  "catatonit",
  "iptables",
  "nft",
  "ip",
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

const PACKAGE: Readonly<Record<ProgramName, { name: string; why: string }>> = {
  netavark: { name: "netavark", why: "Podman's network" },
  conmon: { name: "conmon", why: "watches each container" },
  runc: { name: "runc", why: "starts containers, also where cgroups are hybrid" },
  catatonit: { name: "catatonit", why: "`init: true`" },
  iptables: { name: "iptables", why: "netavark calls it" },
  nft: { name: "nftables", why: "the firewall" },
  ip: { name: "iproute2", why: "bridges and addresses" },
};

const PODMAN_LEAST = [4, 3, 1] as const;
const TRAEFIK_LEAST = [3, 7, 3] as const;
const LEAST_FREE_BYTES = 2 * 1024 ** 3;

/** Is a version such as `4.3.1` at least that one? */
export function atLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split(/[.+~-]/).map(Number);
  for (const [at, wanted] of least.entries()) {
    const part = parts[at] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function versioned(
  what: string,
  version: string | null,
  least: readonly number[],
  remedy: string,
): Finding {
  if (version === null) return { what, state: "missing", found: "not found", remedy };
  return atLeast(version, least) ? { what, state: "ok", found: version, remedy: null } : {
    what,
    state: "missing",
    found: `${version}, older than ${least.join(".")}`,
    remedy,
  };
}

/** Everything that matters for running Skerry here, in the order in which to mend it. */
export function findings(machine: Machine): Finding[] {
  const install = (name: string) => `apt-get install -y --no-install-recommends ${name}`;
  const programs = PROGRAMS.map((name): Finding => {
    const path = machine.programs[name];
    const { name: packageName, why } = PACKAGE[name];
    return path === null
      ? { what: name, state: "missing", found: `not found (${why})`, remedy: install(packageName) }
      : { what: name, state: "ok", found: path, remedy: null };
  });
  return [
    machine.root
      ? { what: "user", state: "ok", found: "root", remedy: null }
      : { what: "user", state: "missing", found: "not root", remedy: "run it with sudo" },
    versioned("podman", machine.podmanVersion, PODMAN_LEAST, install("podman")),
    ...programs,
    versioned(
      "traefik",
      machine.traefikVersion,
      TRAEFIK_LEAST,
      "sh scripts/setup/run.sh, or put the release's program at /usr/local/lib/skerry/traefik",
    ),
    ability("nftables", machine.nftError, "modprobe nf_tables, or use a kernel that has it"),
    ability("bridges", machine.bridgeError, "modprobe bridge veth, or use a kernel that has them"),
    machine.ipForward === true
      ? { what: "forwarding", state: "ok", found: "on", remedy: null }
      : { what: "forwarding", state: "note", found: "off; `skerry up` turns it on", remedy: null },
    space(machine),
    ...machine.takenPorts.map((taken): Finding => ({
      what: `port ${taken.port}`,
      state: "missing",
      found: "something listens there",
      remedy: `find it with \`ss -lntup 'sport = :${taken.port}'\`: a traefik that ` +
        `\`skerry up\` left running is taken up by the next one; else choose another: ${taken.flag}`,
    })),
    machine.controlVersion === null
      ? {
        what: "skerry up",
        state: "note",
        found: `does not answer on ${machine.socket}`,
        remedy: "skerry up",
      }
      : { what: "skerry up", state: "ok", found: machine.controlVersion, remedy: null },
    // Without a server that answers nothing can be said of who asks it.
    atBoot(machine.startsAtBoot),
    ...(machine.controlVersion === null ? [] : hostNamesFindings(machine.hostNames)),
  ];
}

function ability(what: string, error: string | null, remedy: string): Finding {
  return error === null
    ? { what, state: "ok", found: "works", remedy: null }
    : { what, state: "missing", found: error, remedy };
}

function space({ home, space: now, diskHighPercent, disk, controlVersion }: Machine): Finding {
  const what = "disk";
  if (now === null) return { what, state: "note", found: "not known", remedy: null };
  const said = disk === null
    ? `${usedPercent(now)} % full (told from ${diskHighPercent} % on), ${
      bytesText(now.freeBytes)
    } are free`
    : diskSentence(disk);
  const found = `${home}: ${said}`;
  switch (levelOf(now, { highPercent: diskHighPercent })) {
    case "full":
      return {
        what,
        state: "missing",
        found: `${found}; below ${bytesText(reserveBytes(now))} nothing is fetched, built or sent`,
        remedy: FREE_SPACE,
      };
    case "filling":
      return { what, state: "note", found, remedy: FREE_SPACE };
    case "ok":
      break;
  }
  // Who runs already has what it needs.
  return now.freeBytes >= LEAST_FREE_BYTES || controlVersion !== null
    ? { what, state: "ok", found, remedy: null }
    : { what, state: "missing", found, remedy: "free 2 GiB, or choose another folder: --home" };
}

function atBoot(startsAtBoot: boolean | null): Finding {
  const what = "start at boot";
  if (startsAtBoot === true) return { what, state: "ok", found: "by systemd", remedy: null };
  return startsAtBoot === false
    ? { what, state: "note", found: "nothing that systemd knows", remedy: "skerry boot enable" }
    : {
      what,
      state: "note",
      found: "systemd does not run here",
      remedy: "see that your init system keeps `skerry up` running",
    };
}
