/**
 * Podman in memory: the same promises as the real driver (podman_contract.ts runs over both), a
 * clock that is handed in, and switches for what goes wrong.
 */
import { SkerryError } from "../../../shared/errors.ts";
import type { ContainerCreate, ImageSeen, Podman, PullFailure } from "./driver.ts";
import { podmanError } from "./errors.ts";
import { createFakeImageStore } from "./fake_images.ts";
import { createFakeKernel, type FakeKernelOver } from "./fake_kernel.ts";
import { fakeExec, type FakeExecHandler } from "./fake_exec.ts";
import { checkNobodyWithin, enterNamespaces } from "./fake_shares.ts";
import {
  endContainer,
  type FakeContainer,
  fakeId,
  type FakeImage,
  type FakeScript,
  passTime,
  scriptOfCommand,
  seenOf,
} from "./fake_state.ts";
import { createSwitchBoard, type FakeSwitches } from "./fake_switches.ts";
import { createFakeVolumes } from "./fake_volumes.ts";
import { missingMark, sameContainer } from "./identity.ts";

export interface FakeImageOptions {
  readonly digest?: string;
  readonly exposedPorts?: ImageSeen["exposedPorts"];
  readonly sizeBytes?: number;
  readonly volumes?: readonly string[];
  /** What its containers do once started; absent: run on, or as their command says. */
  readonly script?: FakeScript;
}

export interface FakePodmanOptions {
  /** Default: a counter that moves one millisecond a call. */
  readonly clock?: { now(): number };
}

/** The fake's other side: what a test does to it. */
export interface FakeControl extends FakeSwitches {
  /** Puts an image on the node; its id is made from the reference where none is given. */
  addImage(reference: string, options?: FakeImageOptions): ImageSeen;
  /** Puts an image, or a failure, into the registry that pulls and resolveDigest ask. */
  addRemote(reference: string, what: FakeImageOptions | PullFailure): void;
  removeImage(reference: string): void;
  /** What containers of that name do at their next start; null: as their command says. */
  script(containerName: string, script: FakeScript | null): void;
  /** The process ends by itself. */
  exit(idOrName: string, exitCode: number): void;
  /** SIGKILL from outside: exit code 137. */
  kill(idOrName: string): void;
  /** conmon is killed and the process with it: Podman still says running, truth is `dead`. */
  loseConmon(idOrName: string): void;
  pause(idOrName: string): void;
  onExec(handler: FakeExecHandler): void;
  /** How often the container of that name was started. */
  starts(containerName: string): number;
  /** What a container was created from. */
  created(idOrName: string): ContainerCreate;
  /** What the kernel says of the container of that name, beyond what was asked for. */
  kernel(containerName: string, over: FakeKernelOver): void;
  /** Puts a container there that someone else made. */
  addStray(create: ContainerCreate): string;
}

export interface FakePodman extends Podman {
  readonly control: FakeControl;
}

interface Remote {
  readonly image: FakeImage | null;
  readonly failure: PullFailure | null;
}

/** A fake with nothing in it. */
export function createFakePodman(options: FakePodmanOptions = {}): FakePodman {
  let ticks = Date.UTC(2026, 0, 1);
  const now = (): number => options.clock?.now() ?? ++ticks;
  const board = createSwitchBoard();
  const containers = new Map<string, FakeContainer>();
  const networks = new Map<string, { bridge: string; subnet: string; gateway: string }>();
  const volumes = new Map<string, Record<string, string>>();
  const images = new Map<string, FakeImage>();
  const remotes = new Map<string, Remote>();
  const scripts = new Map<string, FakeScript | null>();
  const startCounts = new Map<string, number>();
  const listeners = new Set<(event: { action: string; containerId: string }) => void>();
  let execHandler: FakeExecHandler = () => null;
  let counter = 0;

  const emit = (action: string, containerId: string): void => {
    for (const listener of [...listeners]) listener({ action, containerId });
  };
  const find = (idOrName: string): FakeContainer | null => {
    const container = containers.get(idOrName) ??
      [...containers.values()].find((c) => c.create.name === idOrName) ?? null;
    if (container !== null) passTime(container, now());
    return container;
  };
  const need = (idOrName: string, doing: string): FakeContainer => {
    const container = find(idOrName);
    if (container === null) throw podmanError("container_unknown", doing, "no such container");
    return container;
  };
  const imageOf = (reference: string, given: FakeImageOptions): FakeImage => {
    counter++;
    const digest = given.digest ?? `sha256:${fakeId("d", counter)}`;
    const name = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
    return {
      id: fakeId("1", counter),
      repoDigests: [`${name}@${digest}`],
      repoTags: reference.includes("@") ? [] : [reference],
      exposedPorts: given.exposedPorts ?? [],
      sizeBytes: given.sizeBytes ?? 1000,
      volumes: given.volumes ?? [],
      script: given.script ?? null,
    };
  };
  const imageHere = (reference: string): FakeImage | null =>
    images.get(reference) ??
      [...images.values()].find((image) =>
        image.id === reference || image.repoDigests.includes(reference) ||
        (reference.startsWith("sha256:") && image.id === reference.slice(7))
      ) ?? null;
  const stripped = (image: FakeImage): ImageSeen => ({
    id: image.id,
    repoDigests: image.repoDigests,
    repoTags: image.repoTags,
    exposedPorts: image.exposedPorts,
    sizeBytes: image.sizeBytes,
    volumes: image.volumes,
  });
  const make = (create: ContainerCreate): string => {
    const id = fakeId("c", ++counter);
    containers.set(id, {
      id,
      create,
      state: "created",
      pid: null,
      namespaces: { network: "", ipc: "", pid: "" },
      exitCode: null,
      startedAt: null,
      finishedAt: null,
      conmonLost: false,
      script: null,
      starts: 0,
    });
    emit("create", id);
    return id;
  };
  const remoteImage = (reference: string, doing: string): FakeImage => {
    const remote = remotes.get(reference);
    const failure = remote === undefined ? "not_found" : remote.failure;
    if (failure !== null) {
      throw new SkerryError(failure, `${doing}: ${failure}`, "Change what the fake was told.");
    }
    if (!remote?.image) throw new SkerryError("not_found", `${doing}: not found`);
    return remote.image;
  };

  const kernel = createFakeKernel(need, board.pass);
  const control: FakeControl = {
    fail: board.fail,
    failAlways: board.failAlways,
    hang: board.hang,
    heal: board.heal,
    addImage(reference, given = {}) {
      const image = imageOf(reference, given);
      images.set(reference, image);
      return stripped(image);
    },
    addRemote(reference, what) {
      remotes.set(
        reference,
        typeof what === "string"
          ? { image: null, failure: what }
          : { image: imageOf(reference, what), failure: null },
      );
    },
    removeImage: (reference) => void images.delete(reference),
    script: (name, script) => void scripts.set(name, script),
    exit(idOrName, exitCode) {
      const container = need(idOrName, "ending a container of the fake");
      endContainer(container, exitCode, now());
      emit("died", container.id);
    },
    kill: (idOrName) => control.exit(idOrName, 137),
    loseConmon(idOrName) {
      const container = need(idOrName, "losing conmon of a container of the fake");
      container.conmonLost = true;
      container.state = "dead";
    },
    pause: (idOrName) => void (need(idOrName, "pausing a container").state = "paused"),
    onExec: (handler) => void (execHandler = handler),
    starts: (name) => startCounts.get(name) ?? 0,
    created: (idOrName) => need(idOrName, "looking at a container of the fake").create,
    kernel: kernel.set,
    addStray: make,
  };

  return {
    control,
    ping: (signal) => board.pass("ping", signal),
    async version(signal) {
      await board.pass("version", signal);
      return { version: "4.3.1", apiVersion: "4.3.1" };
    },
    async listContainers(signal) {
      await board.pass("listContainers", signal);
      for (const container of containers.values()) passTime(container, now());
      return [...containers.values()].map(seenOf).sort((a, b) => a.name < b.name ? -1 : 1);
    },
    async createContainer(create, signal) {
      await board.pass("createContainer", signal);
      const doing = `creating the container "${create.name}"`;
      const there = find(create.name);
      if (there !== null) {
        if (sameContainer(there.create.labels, create.labels)) return there.id;
        throw podmanError("name_taken", doing, missingMark(there.id));
      }
      if (imageHere(create.imageId) === null) {
        throw podmanError("image_unknown", doing, `the image ${create.imageId} is not here`);
      }
      const network = create.network?.name;
      if (network !== undefined && !networks.has(network)) {
        throw podmanError("network_unknown", doing, `no network "${network}"`);
      }
      for (const mount of create.mounts) {
        if (mount.kind === "volume" && !volumes.has(mount.source)) volumes.set(mount.source, {});
      }
      return make(create);
    },
    async startContainer(id, signal) {
      await board.pass("startContainer", signal);
      const container = need(id, `starting the container "${id}"`);
      if (container.state === "running" || container.state === "paused") return;
      const address = container.create.network?.address;
      const holder = [...containers.values()].find((other) =>
        other !== container && other.state === "running" && address !== undefined &&
        other.create.network?.address === address
      );
      if (holder !== undefined) {
        throw podmanError(
          "address_taken",
          `starting the container "${container.create.name}"`,
          `${address} is held by the container "${holder.create.name}"`,
        );
      }
      counter++;
      const { name, imageId, spec } = container.create;
      const pid = 100_000 + counter;
      container.namespaces = enterNamespaces({ ...container, pid }, find);
      startCounts.set(name, (startCounts.get(name) ?? 0) + 1);
      container.state = "running";
      container.conmonLost = false;
      container.pid = pid;
      container.exitCode = null;
      container.startedAt = now();
      container.finishedAt = null;
      container.script = scripts.has(name)
        ? scripts.get(name) ?? null
        : imageHere(imageId)?.script ??
          scriptOfCommand([...spec.entrypoint ?? [], ...spec.command ?? []]);
      emit("start", id);
      passTime(container, now());
    },
    async stopContainer(id, _graceMs, signal) {
      await board.pass("stopContainer", signal);
      const container = find(id);
      if (container === null || ["exited", "created"].includes(container.state)) return;
      container.conmonLost = false;
      endContainer(container, 143, now());
      emit("died", id);
    },
    async removeContainer(id, signal) {
      await board.pass("removeContainer", signal);
      const container = find(id);
      if (container === null) return;
      checkNobodyWithin(container.id, containers.values());
      containers.delete(container.id);
      emit("remove", container.id);
    },
    ...kernel.calls,
    async namespaceOf(pid, kind) {
      return await Promise.resolve(
        [...containers.values()].find((each) => each.pid === pid)?.namespaces[kind] ?? null,
      );
    },
    async logPath(id, signal) {
      await board.pass("logPath", signal);
      return find(id) === null ? null : `/nonexistent/${id}/ctr.log`;
    },
    async *events(signal) {
      const queue: { action: string; containerId: string }[] = [];
      let wake = (): void => {};
      const listener = (event: { action: string; containerId: string }): void => {
        queue.push(event);
        wake();
      };
      const onAbort = (): void => wake();
      listeners.add(listener);
      signal.addEventListener("abort", onAbort);
      try {
        while (!signal.aborted) {
          const event = queue.shift();
          if (event !== undefined) yield event;
          else await new Promise<void>((resolve) => wake = resolve);
        }
      } finally {
        listeners.delete(listener);
        signal.removeEventListener("abort", onAbort);
      }
    },
    async ensureNetwork(network, signal) {
      await board.pass("ensureNetwork", signal);
      const { name, ...rest } = network;
      const there = networks.get(name);
      if (there !== undefined && (there.subnet !== rest.subnet || there.bridge !== rest.bridge)) {
        throw podmanError("network_differs", `making the network "${name}"`, there.subnet);
      }
      networks.set(name, rest);
    },
    async networkExists(name, signal) {
      await board.pass("networkExists", signal);
      return networks.has(name);
    },
    async removeNetwork(name, signal) {
      await board.pass("removeNetwork", signal);
      const user = [...containers.values()].find((c) => c.create.network?.name === name);
      if (user !== undefined) {
        throw podmanError("network_in_use", `removing the network "${name}"`, user.create.name);
      }
      networks.delete(name);
    },
    ...createFakeVolumes({
      volumes,
      pass: (call, signal) => board.pass(call, signal),
      usersOf: (name) =>
        [...containers.values()]
          .filter((c) => c.create.mounts.some((m) => m.kind === "volume" && m.source === name))
          .map((c) => c.create.name),
    }),
    async inspectImage(reference, signal) {
      await board.pass("inspectImage", signal);
      const image = imageHere(reference);
      return image === null ? null : stripped(image);
    },
    async pullImage(reference, onProgress, signal) {
      await board.pass("pullImage", signal);
      onProgress(`Trying to pull ${reference}...`);
      const image = remoteImage(reference, `pulling "${reference}"`);
      images.set(reference, image);
      return stripped(image);
    },
    ...createFakeImageStore({
      images,
      pass: (call, signal) => board.pass(call, signal),
      usersOf: (id) =>
        [...containers.values()].filter((c) => c.create.imageId === id).map((c) => c.create.name),
    }),
    async resolveDigest(reference, signal) {
      await board.pass("resolveDigest", signal);
      const image = remoteImage(reference, `asking what "${reference}" means`);
      return image.repoDigests[0]?.split("@")[1] ?? "";
    },
    async buildImage(build, onProgress, signal) {
      await board.pass("buildImage", signal);
      for await (const _ of build.context) { /* read to its end, as the real one does */ }
      onProgress("STEP 1/1: FROM scratch");
      return control.addImage(build.tag);
    },
    async attach(containerId, { tty, stdin }, signal) {
      await board.pass("attach", signal);
      const container = need(containerId, `joining "${containerId}"`);
      const command = container.create.spec.command ?? [];
      const session = fakeExec({ command, tty, stdin }, null);
      // The fake's main process lives by its script; here it ends with what the words say.
      session.exitCode().then((code) => {
        if (container.state === "running") endContainer(container, code, now());
      });
      return { ...session, close: () => void session.kill() };
    },
    async exec(containerId, request, signal) {
      await board.pass("exec", signal);
      const container = need(containerId, `running a command in "${containerId}"`);
      if (container.state !== "running") {
        throw podmanError("not_running", `running a command in "${container.create.name}"`, "");
      }
      return fakeExec(request, execHandler(container.create.name, request));
    },
  };
}
