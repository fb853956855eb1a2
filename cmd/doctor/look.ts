/** Looks at this machine for `skerry doctor`; what is tried is undone at once. */
import { readSpace } from "../../shared/disk_space.ts";
import { createResolved } from "../../agent/drivers/resolved/resolved.ts";
import { createRunCommand } from "../../shared/command.ts";
import { messageOf } from "../../shared/errors.ts";
import type { DiskReport } from "../../shared/model/disk.ts";
import type { Systemd } from "../boot/systemd.ts";
import { unitName } from "../boot/unit.ts";
import type { UpOptions } from "../flags.ts";
import { type Machine, type ProgramName, PROGRAMS } from "./check.ts";
import {
  asksResolve,
  type HostResolver,
  probeName,
  readResolvConf,
  type ResolvConf,
} from "./host_names.ts";

const FOLDERS = [
  "/usr/lib/podman",
  "/usr/libexec/podman",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => null))?.isFile ?? false;
}

async function find(name: string, path: string): Promise<string | null> {
  for (const folder of new Set([...path.split(":").filter(Boolean), ...FOLDERS])) {
    if (await isFile(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  return null;
}

/** Standard output of a command, or the reason why there is none. */
async function run(
  command: string,
  args: readonly string[],
): Promise<{ ok: true; text: string } | { ok: false; reason: string }> {
  try {
    const done = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      signal: AbortSignal.timeout(10_000),
    }).output();
    const text = new TextDecoder().decode(done.stdout).trim();
    const error = new TextDecoder().decode(done.stderr).trim().split("\n")[0] ?? "";
    return done.success ? { ok: true, text } : { ok: false, reason: error || `exit ${done.code}` };
  } catch (thrown) {
    return { ok: false, reason: messageOf(thrown) };
  }
}

async function versionOf(program: string, args: readonly string[]): Promise<string | null> {
  const said = await run(program, args);
  return said.ok ? /(\d+\.\d+\.\d+)/.exec(said.text)?.[1] ?? null : null;
}

async function bridgeError(root: boolean): Promise<string | null> {
  if (!root) return null;
  const name = `skdoc${Deno.pid % 1_000_000}`;
  const made = await run("ip", ["link", "add", name, "type", "bridge"]);
  if (!made.ok) return made.reason;
  await run("ip", ["link", "del", name]);
  return null;
}

const there = async (path: string) => (await Deno.stat(path).catch(() => null)) !== null;
const textOf = (path: string) => Deno.readTextFile(path).catch(() => "");

/** By what is running: resolved's name on the bus, and pid files of the others. */
async function hostResolver(options: UpOptions, conf: ResolvConf): Promise<HostResolver> {
  const resolved = createResolved({ run: createRunCommand(), exists: there });
  const { layout, zone, dnsPort } = options;
  const seen = await resolved.observe({ link: layout.resolvedLink, zone, port: dnsPort })
    // What cannot be asked leads nobody.
    .catch(() => ({ running: false }));
  if (seen.running) return "systemd-resolved";
  if (await there("/run/NetworkManager/dnsmasq.pid")) return "NetworkManager's dnsmasq";
  if (await there("/run/dnsmasq/dnsmasq.pid")) return "dnsmasq";
  if (await there("/run/unbound.pid") || await there("/run/unbound.ctl")) return "unbound";
  if (conf.byNetworkManager) return "NetworkManager";
  return "other";
}

function taken(port: number, hostname: string): boolean {
  try {
    Deno.listen({ port, hostname }).close();
    return false;
  } catch (thrown) {
    return thrown instanceof Deno.errors.AddrInUse;
  }
}

/**
 * What is seen of this machine.
 * @param controlVersion of the control plane that answers; then its ports are its own
 * @param disk what the node said of it; null: not known
 */
export async function lookAtMachine(
  options: UpOptions,
  controlVersion: string | null,
  disk: DiskReport | null,
  env: Readonly<Record<string, string | undefined>>,
  systemd: Systemd,
): Promise<Machine> {
  const path = env["PATH"] ?? "";
  const root = Deno.uid() === 0;
  const programs: Record<ProgramName, string | null> = {
    netavark: null,
    conmon: null,
    runc: null,
    catatonit: null,
    iptables: null,
    nft: null,
    ip: null,
  };
  for (const name of PROGRAMS) programs[name] = await find(name, path);
  const traefik = env["SKERRY_TRAEFIK"] ?? await find("traefik", path) ??
    "/usr/local/lib/skerry/traefik";
  const nft = root ? await run("nft", ["list", "tables"]) : null;
  const ports = [
    { port: options.httpPort, flag: "--http-port", hostname: "0.0.0.0" },
    { port: options.httpsPort, flag: "--https-port", hostname: "0.0.0.0" },
    { port: options.dnsPort, flag: "--dns-port", hostname: "127.0.0.1" },
    { port: options.listen.port, flag: "--listen", hostname: options.listen.hostname },
  ];
  const resolvConf = readResolvConf(await textOf("/etc/resolv.conf"));
  return {
    root,
    podmanVersion: await versionOf("podman", ["--version"]),
    programs,
    traefikVersion: await versionOf(traefik, ["version"]),
    nftError: nft === null || nft.ok ? null : nft.reason,
    bridgeError: await bridgeError(root),
    ipForward: await Deno.readTextFile("/proc/sys/net/ipv4/ip_forward")
      .then((text) => text.trim() === "1").catch(() => null),
    home: options.layout.home,
    space: readSpace(options.layout.home),
    diskHighPercent: options.disk.highPercent,
    disk,
    controlVersion,
    hostNames: {
      zone: options.zone,
      dnsPort: options.dnsPort,
      bridge: options.layout.bridge,
      resolver: await hostResolver(options, resolvConf),
      resolvConf,
      nssResolve: asksResolve(await textOf("/etc/nsswitch.conf")),
      resolves: (await run("getent", ["ahostsv4", probeName(options.zone)])).ok,
    },
    startsAtBoot: await systemd.running()
      ? (await systemd.look(unitName(options.layout))).startsAtBoot
      : null,
    socket: options.layout.controlSocket,
    takenPorts: controlVersion === null
      ? ports.filter(({ port, hostname }) => taken(port, hostname))
      : [],
  };
}
