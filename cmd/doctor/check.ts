/** What `skerry doctor` finds: pure readings of what the machine said. */
import { atLeast } from "./at_least.ts";
import { type ClockFacts, clockFindings } from "./clock.ts";
import { bad, type Finding, install, ok, warning } from "./finding.ts";
import { type HostNames, hostNamesFindings } from "./host_names.ts";
import {
  type CgroupFacts,
  cgroupFindings,
  type KernelFacts,
  kernelFindings,
  type SecurityFacts,
  securityFindings,
} from "./kernel.ts";
import {
  type DnsFacts,
  dnsFindings,
  type FirewallFacts,
  firewallFindings,
  type PortFacts,
  portFindings,
} from "./network.ts";
import {
  type CertificateFacts,
  certificateFindings,
  type DatabaseFacts,
  databaseFindings,
  type FileFacts,
  fileFindings,
  type MemoryFacts,
  memoryFindings,
  type ShareFacts,
  shareFindings,
  type StorageFacts,
  storageFindings,
} from "./storage.ts";

/** What was seen of this machine; null: it is not there or does not answer. */
export interface Machine {
  readonly security: SecurityFacts;
  readonly kernel: KernelFacts;
  readonly cgroups: CgroupFacts;
  readonly podmanVersion: string | null;
  readonly programs: Readonly<Record<ProgramName, string | null>>;
  readonly traefik: TraefikFacts;
  readonly storage: StorageFacts;
  readonly memory: MemoryFacts | null;
  readonly databasePath: string;
  readonly database: DatabaseFacts;
  readonly files: readonly FileFacts[];
  readonly shares: readonly ShareFacts[];
  readonly certificates: readonly CertificateFacts[];
  readonly clock: ClockFacts;
  readonly ports: readonly PortFacts[];
  /** Null: nobody could be asked. */
  readonly firewalls: readonly FirewallFacts[] | null;
  readonly dns: DnsFacts;
  readonly hostNames: HostNames;
  /** Null where the control plane does not answer. */
  readonly controlVersion: string | null;
  /** Does systemd start `skerry up` with the machine? null: systemd does not run here. */
  readonly startsAtBoot: boolean | null;
  readonly socket: string;
}

export interface TraefikFacts {
  readonly version: string | null;
  /** This home's own one runs; null: there is none that it could be told by. */
  readonly running: boolean | null;
}

/** Programs that are looked for on the PATH and in Podman's folders. */
export const PROGRAMS = [
  "netavark",
  "conmon",
  "catatonit",
  "iptables",
  "nft",
  "ip",
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

const PACKAGE: Readonly<Record<ProgramName, { name: string; why: string }>> = {
  netavark: { name: "netavark", why: "Podman's network" },
  conmon: { name: "conmon", why: "watches each container" },
  catatonit: { name: "catatonit", why: "`init: true`" },
  iptables: { name: "iptables", why: "netavark calls it" },
  nft: { name: "nftables", why: "the firewall" },
  ip: { name: "iproute2", why: "bridges and addresses" },
};

const PODMAN_LEAST = [4, 3, 1] as const;
const TRAEFIK_LEAST = [3, 7, 3] as const;

function versioned(
  what: string,
  version: string | null,
  least: readonly number[],
  remedy: string,
): Finding {
  if (version === null) return bad(what, "not found", remedy);
  return atLeast(version, least)
    ? ok(what, version)
    : bad(what, `${version}, older than ${least.join(".")}`, remedy);
}

/** Everything that matters for running Skerry here, in the order in which to mend it. */
export function findings(machine: Machine): Finding[] {
  const programs = PROGRAMS.map((name): Finding => {
    const path = machine.programs[name];
    const { name: packageName, why } = PACKAGE[name];
    return path === null ? bad(name, `not found (${why})`, install(packageName)) : ok(name, path);
  });
  const runs = machine.controlVersion !== null;
  return [
    ...securityFindings(machine.security),
    ...kernelFindings(machine.kernel),
    ...cgroupFindings(machine.cgroups),
    versioned("podman", machine.podmanVersion, PODMAN_LEAST, install("podman")),
    ...programs,
    ...traefik(machine.traefik, runs),
    ...storageFindings(machine.storage),
    ...memoryFindings(machine.memory),
    ...databaseFindings(machine.databasePath, machine.database),
    ...fileFindings(machine.files),
    ...shareFindings(machine.shares),
    ...certificateFindings(machine.certificates, machine.clock.now),
    ...clockFindings(machine.clock),
    ...portFindings(machine.ports),
    ...firewallFindings(machine.firewalls),
    runs ? ok("skerry up", machine.controlVersion ?? "") : warning(
      "skerry up",
      `does not answer on ${machine.socket}: what only it knows is not checked`,
      "skerry up",
    ),
    atBoot(machine.startsAtBoot),
    ...dnsFindings(machine.dns),
    // Without a server that answers nothing can be said of who asks it.
    ...(runs ? hostNamesFindings(machine.hostNames) : []),
  ];
}

function traefik({ version, running }: TraefikFacts, runs: boolean): Finding[] {
  const found = versioned(
    "traefik",
    version,
    TRAEFIK_LEAST,
    "sh scripts/setup/run.sh, or put the release's program at /usr/local/lib/skerry/traefik",
  );
  if (!runs || running !== false) return [found];
  return [
    found,
    bad("ingress", "traefik does not run: no route is served", "see the log of `skerry up`"),
  ];
}

function atBoot(startsAtBoot: boolean | null): Finding {
  const what = "start at boot";
  if (startsAtBoot === true) return ok(what, "by systemd");
  return startsAtBoot === false
    ? warning(what, "nothing that systemd knows", "skerry boot enable")
    : warning(
      what,
      "systemd does not run here",
      "see that your init system keeps `skerry up` running",
    );
}
