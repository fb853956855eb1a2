/** Looks at this machine for `skerry doctor`; what is tried is undone at once. */
import { z } from "zod";
import { createRunCommand } from "../../shared/command.ts";
import type { HomeLayout } from "../../shared/home.ts";
import type { DiskReport } from "../../shared/model/disk.ts";
import type { Systemd } from "../boot/systemd.ts";
import { unitName } from "../boot/unit.ts";
import type { UpOptions } from "../flags.ts";
import { type Machine, type ProgramName, PROGRAMS } from "./check.ts";
import { lookAtClock } from "./look_clock.ts";
import { lookAtCgroups, lookAtKernel, lookAtSecurity } from "./look_kernel.ts";
import { lookAtDns, lookAtFirewalls, lookAtHostNames, lookAtPorts } from "./look_network.ts";
import {
  lookAtCertificates,
  lookAtDatabase,
  lookAtFiles,
  lookAtShares,
  lookAtStorage,
  readMeminfo,
} from "./look_storage.ts";
import { createProbe, findProgram, type Probe, textOf } from "./probe.ts";

export interface LookDeps {
  readonly options: UpOptions;
  /** Of the control plane that answers; null: none does. */
  readonly controlVersion: string | null;
  /** What the node said of its disk; null: not known. */
  readonly disk: DiskReport | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly systemd: Systemd;
  readonly now: number;
}

async function versionOf(probe: Probe, argv: readonly string[]): Promise<string | null> {
  const said = await probe(argv);
  return said.ok ? /(\d+\.\d+\.\d+)/.exec(said.text)?.[1] ?? null : null;
}

/** The pid of this home's own ingress; null: it does not run. `known`: one was started before. */
async function ingressPid(layout: HomeLayout): Promise<{ pid: number | null; known: boolean }> {
  const text = await textOf(`${layout.traefikDir}/engine.json`);
  if (text === "") return { pid: null, known: false };
  const state = z.object({ pid: z.number() }).safeParse(parsed(text));
  if (!state.success) return { pid: null, known: false };
  const { pid } = state.data;
  const comm = (await textOf(`/proc/${pid}/comm`)).trim();
  return { pid: comm === "traefik" ? pid : null, known: true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What is seen of this machine. */
export async function lookAtMachine(deps: LookDeps): Promise<Machine> {
  const { options, env, systemd, controlVersion, now } = deps;
  const { layout } = options;
  const path = env["PATH"] ?? "";
  const root = Deno.uid() === 0;
  const runs = controlVersion !== null;
  const probe = createProbe(createRunCommand());
  const programs: Record<ProgramName, string | null> = {
    netavark: null,
    conmon: null,
    catatonit: null,
    iptables: null,
    nft: null,
    ip: null,
  };
  for (const name of PROGRAMS) programs[name] = await findProgram(name, path);
  const traefik = env["SKERRY_TRAEFIK"] ?? await findProgram("traefik", path) ??
    "/usr/local/lib/skerry/traefik";
  const ingress = await ingressPid(layout);
  return {
    security: await lookAtSecurity(root),
    kernel: await lookAtKernel(probe, root, path),
    cgroups: await lookAtCgroups(probe, path),
    podmanVersion: await versionOf(probe, ["podman", "--version"]),
    programs,
    traefik: {
      version: await versionOf(probe, [traefik, "version"]),
      running: ingress.known ? ingress.pid !== null : null,
    },
    storage: await lookAtStorage(layout, options.disk.highPercent, deps.disk, runs),
    memory: readMeminfo(await textOf("/proc/meminfo")),
    databasePath: layout.controlDatabase,
    database: await lookAtDatabase(layout.controlDatabase),
    files: await lookAtFiles(layout),
    shares: await lookAtShares(layout, path),
    certificates: await lookAtCertificates(layout),
    clock: await lookAtClock(now, probe),
    ports: await lookAtPorts(options, ingress.pid, runs),
    firewalls: root ? await lookAtFirewalls(options, probe) : null,
    dns: await lookAtDns(options, runs),
    hostNames: await lookAtHostNames(options, probe),
    controlVersion,
    startsAtBoot: await systemd.running()
      ? (await systemd.look(unitName(layout))).startsAtBoot
      : null,
    socket: layout.controlSocket,
  };
}
