/** Gathers what a support archive holds; what cannot be had is told in its place. */
import type { ApiClient } from "../../shared/api/client.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { RunCommand } from "../../shared/command.ts";
import { messageOf } from "../../shared/errors.ts";
import type { HomeLayout } from "../../shared/home.ts";
import { homePodmanCommand } from "../../agent/engines/home_podman_command.ts";
import { unitName } from "../boot/unit.ts";
import { VERSION } from "../version.ts";
import type { Piece } from "./bundle.ts";
import type { Finding } from "./finding.ts";
import { namesIn, textOf } from "./probe.ts";

/** Of logs only the end is read. */
const LOG_BYTES = 256 * 1024;
const EVENTS = 1_000;
const EVENTS_WITHIN_MS = 10_000;

export interface BundleDeps {
  readonly layout: HomeLayout;
  readonly api: ApiClient;
  readonly findings: readonly Finding[];
  readonly run: RunCommand;
}

async function endOf(path: string): Promise<string> {
  try {
    using file = await Deno.open(path, { read: true });
    const { size } = await file.stat();
    await file.seek(Math.max(0, size - LOG_BYTES), Deno.SeekMode.Start);
    const text = await new Response(file.readable).text();
    // The first line may be half of one, whose name was cut off.
    return size > LOG_BYTES ? text.slice(text.indexOf("\n") + 1) : text;
  } catch (thrown) {
    return `(${messageOf(thrown)})\n`;
  }
}

async function asked(name: string, ask: () => Promise<unknown>): Promise<Piece> {
  try {
    return { name, json: await ask() };
  } catch (thrown) {
    return { name, text: `(${messageOf(thrown)})\n` };
  }
}

async function apiPieces(api: ApiClient): Promise<Piece[]> {
  const services = await api.services().catch(() => []);
  return await Promise.all([
    asked("api/version.json", () => api.version()),
    asked("api/nodes.json", () => api.nodes()),
    asked("api/projects.json", () => api.projects()),
    asked("api/services.json", () => api.services()),
    asked("api/containers.json", () => api.containers()),
    asked("api/volumes.json", () => api.volumes()),
    asked("api/routes.json", () => api.routes()),
    asked("api/networks.json", () => api.networks()),
    asked("api/releases.json", () => api.releases()),
    asked("api/registries.json", () => api.registries()),
    asked("api/jobs.json", () => api.look(ENDPOINTS.jobs, {})),
    asked("api/changes.json", () => api.changes({ limit: 200 })),
    asked("api/events.json", () => events(api)),
    ...services.map(({ project, name }) =>
      asked(
        `api/services/${project}/${name}.json`,
        () => api.look(ENDPOINTS.describeService, { params: { name: project, service: name } }),
      )
    ),
  ]);
}

async function events(api: ApiClient): Promise<unknown[]> {
  const all: unknown[] = [];
  const signal = AbortSignal.timeout(EVENTS_WITHIN_MS);
  for await (const event of api.events({ tail: EVENTS }, signal)) all.push(event);
  return all;
}

async function traefikConfig(layout: HomeLayout): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const folder of ["", "/dynamic", "/config"]) {
    for (const name of await namesIn(`${layout.traefikDir}${folder}`)) {
      if (!/\.(ya?ml|toml|json)$/.test(name) || /acme|key/i.test(name)) continue;
      const text = await textOf(`${layout.traefikDir}${folder}/${name}`);
      pieces.push({ name: `traefik${folder}/${name}`, text });
    }
  }
  return pieces;
}

/** Everything, as it is: who packs it takes the secrets out. */
export async function gatherBundle(deps: BundleDeps): Promise<Piece[]> {
  const { layout, api, run } = deps;
  const said = async (name: string, argv: readonly string[]): Promise<Piece> => {
    try {
      const { stdout, stderr } = await run(argv, { timeoutMs: 15_000 });
      return { name, text: stdout + stderr };
    } catch (thrown) {
      return { name, text: `(${messageOf(thrown)})\n` };
    }
  };
  const podman = await homePodmanCommand(layout).catch(() => null);
  const inPodman = (...args: string[]) =>
    podman === null ? ["podman", ...args] : [
      "env",
      "-i",
      ...Object.entries(podman.env).map(([name, value]) => `${name}=${value}`),
      podman.program,
      ...podman.args,
      ...args,
    ];
  const proc = ["meminfo", "loadavg", "uptime", "version", "filesystems", "cgroups"];
  return [
    { name: "doctor.json", json: deps.findings },
    {
      name: "versions.txt",
      text: `skerry ${VERSION}\n${await textOf("/etc/os-release")}`,
    },
    ...await apiPieces(api),
    await said("logs/skerry.log", [
      ...["journalctl", "--no-pager", "-o", "short-iso", "-n", "2000"],
      ...["-u", unitName(layout)],
    ]),
    // Where it was started by hand, or by scripts/demo.sh, systemd knows nothing of it.
    { name: "logs/up.log", text: await endOf(`${layout.home}/up.log`) },
    { name: "logs/podman.log", text: await endOf(`${layout.podmanDir}/service.log`) },
    { name: "logs/traefik.log", text: await endOf(`${layout.traefikDir}/traefik.log`) },
    ...await traefikConfig(layout),
    await said("nft.txt", ["nft", "list", "table", "inet", layout.nftTable]),
    await said("nft-bridge.txt", ["nft", "list", "table", "bridge", layout.nftTable]),
    await said("podman/info.json", inPodman("info", "--format", "json")),
    await said("podman/containers.txt", inPodman("ps", "--all")),
    await said("podman/system-df.txt", inPodman("system", "df")),
    await said("disk/df.txt", ["df", "-h"]),
    await said("disk/inodes.txt", ["df", "-i"]),
    await said("network/addresses.txt", ["ip", "-brief", "address"]),
    await said("network/routes.txt", ["ip", "route"]),
    ...await Promise.all(
      proc.map(async (name) => ({ name: `proc/${name}`, text: await textOf(`/proc/${name}`) })),
    ),
  ];
}

/** Values that are secret on this box and that can be known: decrypted secrets, variables of containers. */
export async function knownSecrets(layout: HomeLayout, run: RunCommand): Promise<string[]> {
  const values: string[] = [];
  for (const deployment of await namesIn(layout.secretsDir)) {
    for (const name of await namesIn(`${layout.secretsDir}/${deployment}`)) {
      values.push(await textOf(`${layout.secretsDir}/${deployment}/${name}`));
    }
  }
  const podman = await homePodmanCommand(layout).catch(() => null);
  if (podman === null) return values;
  const call = async (...args: string[]) =>
    await run([podman.program, ...podman.args, ...args], { env: podman.env, timeoutMs: 30_000 })
      .then(({ stdout }) => stdout, () => "");
  const ids = (await call("ps", "--all", "--quiet", "--no-trunc")).split("\n").filter(Boolean);
  if (ids.length === 0) return values;
  const format = '{{range .Config.Env}}{{printf "%q\\n" .}}{{end}}';
  for (const line of (await call("inspect", "--format", format, ...ids)).split("\n")) {
    if (!line.startsWith('"')) continue;
    const variable = line.slice(1, -1);
    const value = variable.slice(variable.indexOf("=") + 1);
    // Numbers, switches and paths of programs say nothing.
    if (value.length >= 6 && !/^(PATH|HOME|TERM|container|HOSTNAME|LANG)=/.test(variable)) {
      values.push(value.replaceAll('\\"', '"').replaceAll("\\\\", "\\"));
    }
  }
  return values;
}
