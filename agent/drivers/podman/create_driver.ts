/** The real driver: Podman's REST API on a unix socket. */
import { readdir, statfs } from "node:fs/promises";
import { z } from "zod";
import { createRunCommand } from "../../../shared/command.ts";
import { systemClock } from "../../../shared/clock.ts";
import { VersionAnswer } from "./answers.ts";
import { createApart } from "./apart.ts";
import { createAttachCall } from "./attach.ts";
import { createAuthFile } from "./auth_file.ts";
import { createContainerLister } from "./container_list.ts";
import { createContainerCalls } from "./containers.ts";
import type { DefaultUlimits } from "./create_body.ts";
import type { Podman } from "./driver.ts";
import { podmanError } from "./errors.ts";
import { readEvents } from "./events.ts";
import { createExecCall } from "./exec.ts";
import { createImagePush, type PushImage } from "./image_push.ts";
import { createImageStoreCalls } from "./image_store.ts";
import { createImageCalls } from "./images.ts";
import { bootedAt, endedByKernel, readOomKills } from "./kernel_log.ts";
import { createLeakedAddresses, isSibling } from "./leaked_addresses.ts";
import { readCgroup } from "./cgroup.ts";
import { kernelLimits } from "./limits.ts";
import { createNetworkCalls } from "./networks.ts";
import { parseWritten, readProc } from "./proc.ts";
import type { KnownRegistries } from "./registries.ts";
import { createRegistryCalls, type RegistryCalls } from "./registry.ts";
import { createVerifyImages, type VerifyImages } from "./store_check/verify_images.ts";
import { readStrain } from "./strain.ts";
import { createTransport, parseAnswer } from "./transport.ts";
import { createVolumeCalls } from "./volumes.ts";

export interface PodmanDriverOptions {
  readonly socketPath: string;
  /** Names that begin so are ours also without a label. */
  readonly namePrefix: string;
  readonly ulimits: DefaultUlimits;
  /** `host[:port]` of registries that may speak plain http or have a bad certificate. */
  readonly insecureRegistries: readonly string[];
  /** What is known of registries now. */
  readonly registries: KnownRegistries;
  /** XDG_RUNTIME_DIR of the service. */
  readonly loginDir: string;
  /** Where Podman puts what it is pulling (TMPDIR of its service); its growth is progress. */
  readonly pullDir: string;
  /** The process of Podman's service; null: none runs. Absent: not known. */
  readonly servicePid?: () => Promise<number | null>;
  /** Podman's own storage. */
  readonly storeDir: string;
  /** Name of the home's network. */
  readonly network: string;
  /** Where Podman keeps its networks' files. */
  readonly networksDir: string;
  /** Where conmon leaves the exit codes of containers: `exits` below Podman's tmpdir. */
  readonly exitsDir: string;
}

/** An image of gigabytes on a card that writes a few MB a second. */
const SYNC_TIMEOUT_MS = 600_000;

/** A driver holds connections: close it when done. */
export interface PodmanDriver extends Podman {
  /** What registries are asked by us and not by Podman. */
  readonly registry: RegistryCalls;
  readonly pushImage: PushImage;
  readonly verifyImages: VerifyImages;
  close(): void;
}

export function createPodman(options: PodmanDriverOptions): PodmanDriver {
  const transport = createTransport({ socketPath: options.socketPath });
  const monotonic = () => performance.now();
  const kill = (pid: number): void => {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  };
  const { namePrefix, ulimits, insecureRegistries, registries } = options;
  const outOfMemory = (id: string, finishedAt: number) =>
    endedByKernel(readOomKills(), id, finishedAt, bootedAt());
  const apart = createApart(systemClock);
  const lister = createContainerLister({
    transport,
    apart,
    readProc,
    monotonic,
    namePrefix,
    outOfMemory,
  });
  const containers = createContainerCalls({
    transport,
    apart,
    lister,
    readProc,
    readCgroup,
    kill,
    noteExit: (containerId, exitCode) => noteExit(options.exitsDir, containerId, exitCode),
    ulimits,
    leaked: createLeakedAddresses(options.networksDir, options.network),
  });
  const networks = createNetworkCalls(transport);
  const volumes = createVolumeCalls(transport);
  const sync = () => syncFileSystem(options.pullDir);
  const images = createImageCalls({
    transport,
    sync,
    monotonic,
    activity: () => diskActivity(options.pullDir),
    registries,
    authFile: createAuthFile({ folder: options.loginDir, registries, run: createRunCommand() }),
  });
  const store = createImageStoreCalls(transport, sync);
  const registry = createRegistryCalls({
    fetch: (url, init) => fetch(url, init),
    insecureRegistries,
    registries,
  });
  const exec = createExecCall({ transport, readProc, kill });
  const pushImage = createImagePush({
    transport,
    registries,
    registry,
    inspectImage: images.inspectImage,
    monotonic,
    writtenBytes: async () => {
      const pid = await options.servicePid?.() ?? null;
      return pid === null ? null : parseWritten(await readProc(`${pid}/io`) ?? "");
    },
  });

  return {
    async ping(signal) {
      await transport.call({
        doing: "asking whether Podman answers",
        method: "GET",
        path: "/_ping",
        signal,
      });
    },
    async version(signal) {
      const doing = "asking Podman's version";
      const answer = await transport.call({ doing, method: "GET", path: "/version", signal });
      const parsed = parseAnswer(VersionAnswer, answer.text, doing);
      const details = z.record(z.string(), z.string()).parse(
        parsed.Components?.[0]?.Details ?? {},
      );
      return { version: parsed.Version, apiVersion: details.APIVersion ?? parsed.Version };
    },
    listContainers: (signal) => lister.list(signal),
    createContainer: (create, signal) => containers.create(create, signal),
    startContainer: (id, signal) => containers.start(id, signal),
    stopContainer: (id, graceMs, signal) => containers.stop(id, graceMs, signal),
    removeContainer: (id, signal) => containers.remove(id, signal),
    async namespaceOf(pid, kind) {
      const name = kind === "network" ? "net" : kind;
      return await Deno.readLink(`/proc/${pid}/ns/${name}`).catch(() => null);
    },
    appliedLimits: (id, signal) => containers.limits(id, signal),
    kernelLimits: ({ id, pid }) => kernelLimits(id, pid ?? 0, readProc, readCgroup),
    strain: ({ id, pid }) => readStrain(id, pid ?? 0, readProc, readCgroup),
    logPath: (id, signal) => containers.logPath(id, signal),
    events: (signal) => readEvents(transport, signal),
    ensureNetwork: (network, signal) => networks.ensure(network, signal),
    networkExists: (name, signal) => networks.exists(name, signal),
    async removeNetwork(name, signal) {
      for (const { name: file } of Deno.readDirSync(options.networksDir)) {
        const other = file.replace(/\.json$/, "");
        if (isSibling(other, name)) await networks.remove(other, signal);
      }
      await networks.remove(name, signal);
    },
    listVolumes: (signal) => volumes.list(signal),
    createVolume: (name, volume, signal) => volumes.create(name, volume, signal),
    removeVolume: (name, signal) => volumes.remove(name, signal),
    inspectImage: (reference, signal) => images.inspectImage(reference, signal),
    pullImage: (reference, onProgress, signal) => images.pullImage(reference, onProgress, signal),
    resolveDigest: (reference, signal) => registry.resolveDigest(reference, signal),
    listImages: (signal) => store.listImages(signal),
    removeImage: (image, signal) => store.removeImage(image, signal),
    tagImage: (id, reference, signal) => store.tagImage(id, reference, signal),
    saveImages: (references, signal) => store.saveImages(references, signal),
    loadImages: (archive, signal) => store.loadImages(archive, signal),
    buildImage: (build, onProgress, signal) => images.buildImage(build, onProgress, signal),
    exec,
    attach: createAttachCall(transport),
    registry,
    pushImage,
    verifyImages: createVerifyImages(options.storeDir),
    close: () => transport.close(),
  };
}

/** Writes the whole file system of a folder to its disk, and nothing of others. */
async function syncFileSystem(folder: string): Promise<void> {
  const argv = ["sync", "--file-system", folder];
  const { code, stderr } = await createRunCommand()(argv, { timeoutMs: SYNC_TIMEOUT_MS });
  if (code !== 0) {
    throw podmanError("podman_failed", "bringing an image to the disk", stderr.trim());
  }
}

/** Changes while a blob arrives or is unpacked: the sizes in Podman's folder and the free space. */
async function diskActivity(dir: string): Promise<string> {
  try {
    const { bsize, bavail } = await statfs(dir);
    const mebibytes = Math.floor(Number(bavail) * Number(bsize) / 2 ** 20);
    let bytes = 0;
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      bytes += await Deno.stat(`${entry.parentPath}/${entry.name}`).then((s) => s.size, () => 0);
    }
    return `${mebibytes}/${bytes}`;
  } catch {
    return "";
  }
}

async function noteExit(exitsDir: string, containerId: string, exitCode: number): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(containerId)) throw new RangeError("not a container id");
  await Deno.writeTextFile(`${exitsDir}/${containerId}`, String(exitCode));
}
