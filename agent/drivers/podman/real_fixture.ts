/**
 * A real Podman for tests: its own service in a temporary home, with one image made from
 * busybox-static. `close` takes everything away again.
 */
import { packTar } from "modern-tar";
import { systemClock } from "../../../shared/clock.ts";
import { type HomeLayout, homeLayout } from "../../../shared/home.ts";
import { createPodman, type PodmanDriver } from "./create_driver.ts";
import { findPodman } from "./find_podman.ts";
import type { ContractSetup } from "./podman_contract.ts";
import { hostUlimits, podmanDriverOptions, preparePodman } from "./service.ts";

const BUSYBOX = "/bin/busybox";
const APPLETS = ["sh", "echo", "cat", "sleep", "true", "false", "id", "ls", "stty", "head", "yes"];

export interface RealPodman extends ContractSetup {
  readonly podman: PodmanDriver;
  readonly home: HomeLayout;
  /** Kills the service, or starts it again. */
  killService(): Promise<void>;
  startService(): Promise<void>;
  /** What the agent does before it starts the service. */
  prepareAgain(): Promise<void>;
  close(): Promise<void>;
}

/** The tar of a build context: a Dockerfile and busybox with its applets. */
export async function busyboxContext(
  dockerfile = "FROM scratch\nCOPY bin /bin\nCOPY etc /etc\nEXPOSE 80/tcp 53/udp\n",
): Promise<Uint8Array<ArrayBuffer>> {
  const program = await Deno.readFile(BUSYBOX).catch(() => {
    throw new Error("busybox-static is missing: apt-get install busybox-static");
  });
  const text = new TextEncoder();
  const packed = await packTar([
    { header: { name: "Dockerfile", size: dockerfile.length }, body: text.encode(dockerfile) },
    { header: { name: "bin/busybox", size: program.length, mode: 0o755 }, body: program },
    ...APPLETS.map((name) => ({
      header: { name: `bin/${name}`, size: 0, type: "symlink" as const, linkname: "busybox" },
    })),
    {
      header: { name: "etc/passwd", size: 28 },
      body: text.encode("root:x:0:0:root:/:/bin/sh\n\n\n"),
    },
  ]);
  return new Uint8Array(packed);
}

export function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream();
}

export async function startRealPodman(
  insecureRegistries: readonly string[] = [],
): Promise<RealPodman> {
  const { parts, missing } = await findPodman();
  if (parts === null) {
    throw new Error(missing.map((part) => `${part.message} ${part.remedy}`).join(" "));
  }
  const folder = await Deno.makeTempDir({ prefix: "skerry-podman-" });
  const home = homeLayout(`${folder}/home`);
  const options = { parts, ulimits: await hostUlimits(), insecureRegistries };
  const spec = await preparePodman(home, options);
  const podman = createPodman(podmanDriverOptions(home, options));
  let service: Deno.ChildProcess | null = null;

  const startService = async (): Promise<void> => {
    service = new Deno.Command(spec.program, {
      args: [...spec.args],
      env: { ...spec.env },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const deadline = performance.now() + 20_000;
    while (true) {
      try {
        await podman.version();
        return;
      } catch (thrown) {
        if (performance.now() > deadline) throw thrown;
        await systemClock.sleep(50);
      }
    }
  };
  const killService = async (): Promise<void> => {
    service?.kill("SIGKILL");
    await service?.status;
    service = null;
  };

  await startService();
  const third = crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;
  const network = {
    name: home.podmanNetwork,
    bridge: home.bridge,
    subnet: `10.210.${third % 250}.0/24`,
    gateway: `10.210.${third % 250}.1`,
  };

  const close = async (): Promise<void> => {
    if (service === null) await startService();
    for (const container of await podman.listContainers()) {
      await podman.removeContainer(container.id);
    }
    await podman.removeNetwork(network.name).catch(() => {});
    podman.close();
    service?.kill("SIGTERM");
    await service?.status;
    await removeMounted(folder);
    await removeMounted(home.runDir);
  };

  try {
    const imageReference = "localhost/skerry-contract:1";
    const image = await podman.buildImage({
      context: streamOf(await busyboxContext()),
      dockerfile: "Dockerfile",
      tag: imageReference,
      args: {},
      noCache: false,
      pull: false,
      labels: {},
    }, () => {});
    await podman.ensureNetwork(network);
    return {
      podman,
      home,
      imageId: image.id,
      imageReference,
      network,
      address: (n) => `10.210.${third % 250}.${n}`,
      namePrefix: home.namePrefix,
      killService,
      startService,
      prepareAgain: async () => void await preparePodman(home, options),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Removes a folder with the mounts in it; a last cleaning process of Podman may still be at work. */
async function removeMounted(folder: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (true) {
    const mounts = (await Deno.readTextFile("/proc/self/mounts")).split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path.startsWith(`${folder}/`))
      .sort((a, b) => b.length - a.length);
    for (const path of mounts) {
      await new Deno.Command("umount", { args: [path], stderr: "null" }).output();
    }
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) return;
      if (performance.now() > deadline) throw thrown;
      await systemClock.sleep(100);
    }
  }
}
