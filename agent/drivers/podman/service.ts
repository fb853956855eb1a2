/**
 * The home's own Podman service: `podman system service` with storage, run folder and networks of
 * its own, so that it meets neither the host's Podman nor another home's.
 */
import { readTextIfThere, writeFileAtomically } from "../../../shared/atomic_file.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { HomeLayout } from "../../../shared/home.ts";
import { sha256 } from "../../../shared/model/hash.ts";
import type { EngineSpec } from "../engine/engine.ts";
import type { DefaultUlimits } from "./create_body.ts";
import type { PodmanDriverOptions } from "./create_driver.ts";
import type { PodmanParts } from "./find_podman.ts";
import { authFilePath } from "./auth_file.ts";
import { readProc } from "./proc.ts";
import { type KnownRegistries, renderRegistriesConf } from "./registries.ts";
import {
  isRegistryName,
  parseUlimits,
  renderContainersConf,
  renderPolicy,
  renderStorageConf,
} from "./service_files.ts";

/** Folders and files of a home's Podman. */
export interface PodmanPaths {
  readonly root: string;
  readonly networks: string;
  readonly config: string;
  /** Folder that is HOME to Podman: policy.json is looked for below it. */
  readonly userHome: string;
  /** What is being pulled lies here meanwhile, not on a small /tmp. */
  readonly pullDir: string;
  /** Both must be gone at boot: by them Podman sees that no container of before still runs. */
  readonly runRoot: string;
  readonly tmpDir: string;
  /** XDG_RUNTIME_DIR: logins are looked for below it, and not among those of the host's root. */
  readonly loginDir: string;
  readonly logFile: string;
  readonly stateFile: string;
}

export function podmanPaths(home: HomeLayout): PodmanPaths {
  return {
    root: `${home.podmanDir}/storage`,
    networks: `${home.podmanDir}/networks`,
    config: `${home.podmanDir}/config`,
    userHome: `${home.podmanDir}/home`,
    pullDir: `${home.podmanDir}/tmp`,
    runRoot: `${home.runDir}/podman/run`,
    tmpDir: `${home.runDir}/podman/tmp`,
    loginDir: `${home.runDir}/podman/login`,
    logFile: `${home.podmanDir}/service.log`,
    stateFile: `${home.podmanDir}/service.json`,
  };
}

export interface ServiceOptions {
  readonly parts: PodmanParts;
  readonly ulimits: DefaultUlimits;
  /** `host[:port]` named by the user. */
  readonly insecureRegistries: readonly string[];
  /** What people have said since; absent: nothing. */
  readonly registries?: KnownRegistries;
  /** Proxy variables for pulls (see {@link hostProxyEnv}); containers do not get them. */
  readonly proxyEnv?: Readonly<Record<string, string>>;
}

/** The one file that changes while the service runs: it reads it again at a SIGHUP. */
export function registriesConfPath(home: HomeLayout): string {
  return `${podmanPaths(home).config}/registries.conf`;
}

/** Writes how registries are reached. True: that is new. */
export async function writeRegistriesConf(
  home: HomeLayout,
  options: Pick<ServiceOptions, "insecureRegistries" | "registries">,
): Promise<boolean> {
  const content = renderRegistriesConf(options.insecureRegistries, options.registries?.() ?? []);
  const path = registriesConfPath(home);
  if (await readTextIfThere(path) === content) return false;
  await Deno.mkdir(podmanPaths(home).config, { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, content, 0o600);
  return true;
}

/** Path → content of every file that the service reads once, at its start. Pure. */
export function renderServiceFiles(
  home: HomeLayout,
  options: ServiceOptions,
): ReadonlyMap<string, string> {
  const paths = podmanPaths(home);
  for (const name of options.insecureRegistries) {
    if (!isRegistryName(name)) {
      throw new SkerryError(
        "invalid",
        `reading the insecure registries: "${name}" is not a registry`,
        "Write it as host or host:port.",
      );
    }
  }
  const { parts } = options;
  const netavarkDir = parts.netavark.slice(0, parts.netavark.lastIndexOf("/"));
  const initDir = parts.init === null ? [] : [parts.init.slice(0, parts.init.lastIndexOf("/"))];
  return new Map([
    [
      `${paths.config}/containers.conf`,
      renderContainersConf({
        runtime: parts.runtime,
        conmon: parts.conmon,
        helperDirs: [...new Set([netavarkDir, ...initDir])],
        cgroupManager: parts.systemd ? "systemd" : "cgroupfs",
        ulimits: options.ulimits,
        init: parts.init,
      }),
    ],
    [`${paths.config}/storage.conf`, renderStorageConf(paths.root, paths.runRoot)],
    [`${paths.userHome}/.config/containers/policy.json`, renderPolicy()],
  ]);
}

/** The engine to run. Another configuration makes another spec, so the engine sees it as outdated. Pure. */
export function podmanEngineSpec(home: HomeLayout, options: ServiceOptions): EngineSpec {
  const paths = podmanPaths(home);
  const files = [...renderServiceFiles(home, options)].sort(([a], [b]) => a < b ? -1 : 1);
  return {
    name: "podman",
    program: options.parts.podman,
    args: [
      ...["--root", paths.root],
      ...["--runroot", paths.runRoot],
      ...["--tmpdir", paths.tmpDir],
      ...["--network-config-dir", paths.networks],
      ...["--storage-driver", "overlay"],
      ...["--cgroup-manager", options.parts.systemd ? "systemd" : "cgroupfs"],
      ...["--log-level", "warn"],
      ...["system", "service", "--time=0", `unix://${home.podmanSocket}`],
    ],
    env: {
      ...options.proxyEnv,
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: paths.userHome,
      XDG_RUNTIME_DIR: paths.loginDir,
      TMPDIR: paths.pullDir,
      CONTAINERS_CONF: `${paths.config}/containers.conf`,
      CONTAINERS_REGISTRIES_CONF: registriesConfPath(home),
      CONTAINERS_STORAGE_CONF: `${paths.config}/storage.conf`,
      SKERRY_CONFIG_DIGEST: sha256(JSON.stringify(files)).slice(0, 16),
    },
    workingDir: home.podmanDir,
    logFile: paths.logFile,
    stateFile: paths.stateFile,
  };
}

/**
 * Makes folders and files for the service. Where the run folder outlived a boot (it is on a disk),
 * it is emptied, because Podman would take the containers of before for running.
 */
export async function preparePodman(
  home: HomeLayout,
  options: ServiceOptions,
): Promise<EngineSpec> {
  const spec = podmanEngineSpec(home, options);
  const paths = podmanPaths(home);
  const files = renderServiceFiles(home, options);
  await Deno.mkdir(home.runDir, { recursive: true, mode: 0o711 });
  await forgetOldBoot(home, paths);
  const dirs = [
    paths.root,
    paths.networks,
    paths.config,
    `${paths.userHome}/.config/containers`,
    paths.pullDir,
    paths.runRoot,
    paths.tmpDir,
    paths.loginDir,
  ];
  for (const dir of dirs) await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  for (const [path, content] of files) {
    if (await Deno.readTextFile(path).catch(() => null) === content) continue;
    await writeFileAtomically(path, content, 0o600);
  }
  await writeRegistriesConf(home, options);
  // What an agent that was killed left there.
  await Deno.remove(authFilePath(paths.loginDir)).catch(() => undefined);
  return spec;
}

async function forgetOldBoot(home: HomeLayout, paths: PodmanPaths): Promise<void> {
  const bootId = (await readProc("sys/kernel/random/boot_id") ?? "").trim();
  const mark = `${home.runDir}/podman/boot-id`;
  if (await Deno.readTextFile(mark).catch(() => "") === bootId) return;
  for (const dir of [paths.runRoot, paths.tmpDir, paths.pullDir]) {
    await Deno.remove(dir, { recursive: true }).catch((thrown) => {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    });
  }
  await Deno.mkdir(`${home.runDir}/podman`, { recursive: true, mode: 0o711 });
  await writeFileAtomically(mark, bootId, 0o600);
}

/** What the driver needs to speak to a home's service. */
export function podmanDriverOptions(
  home: HomeLayout,
  options: ServiceOptions,
): PodmanDriverOptions {
  return {
    socketPath: home.podmanSocket,
    namePrefix: home.namePrefix,
    ulimits: options.ulimits,
    insecureRegistries: options.insecureRegistries,
    registries: options.registries ?? (() => []),
    loginDir: podmanPaths(home).loginDir,
    pullDir: podmanPaths(home).pullDir,
    storeDir: podmanPaths(home).root,
    network: home.podmanNetwork,
    networksDir: podmanPaths(home).networks,
    exitsDir: `${podmanPaths(home).tmpDir}/exits`,
  };
}

/** The ulimits that this process may hand on. */
export async function hostUlimits(): Promise<DefaultUlimits> {
  return parseUlimits(
    await readProc("self/limits") ?? "",
    await readProc("sys/kernel/pid_max") ?? "",
  );
}

/** The proxy that this process was told to use, for the service that pulls images. */
export function hostProxyEnv(env: (name: string) => string | undefined): Record<string, string> {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = env(name);
    if (value !== undefined && value !== "") found[name] = value;
  }
  return found;
}
