/** What every Podman driver promises: the cases run over the fake and over the real one. */
import assert from "node:assert/strict";
import { SkerryError } from "../../../shared/errors.ts";
import type { ContainerCreate, ContainerSeen, Podman } from "./driver.ts";
import { createFor } from "./contract_specs.ts";

/** A driver with one image that has busybox's commands and one network, nothing else. */
export interface ContractSetup {
  readonly podman: Podman;
  readonly imageId: string;
  readonly imageReference: string;
  readonly network: { name: string; bridge: string; subnet: string; gateway: string };
  /** Address number n of the network, from 2. */
  address(n: number): string;
  readonly namePrefix: string;
}

export interface ContractCase {
  readonly name: string;
  run(setup: ContractSetup): Promise<void>;
}

async function rejectsWith(code: string, work: Promise<unknown>): Promise<SkerryError> {
  try {
    await work;
  } catch (thrown) {
    assert.ok(thrown instanceof SkerryError, `not a SkerryError: ${thrown}`);
    assert.equal(thrown.code, code, thrown.message);
    assert.ok(thrown.remedy, "an error needs a remedy");
    return thrown;
  }
  throw new assert.AssertionError({ message: `expected the error ${code}` });
}

async function seen(podman: Podman, id: string): Promise<ContainerSeen> {
  const found = (await podman.listContainers()).find((container) => container.id === id);
  assert.ok(found, `container ${id} is not listed`);
  return found;
}

/** Polls until it holds; 20 s at most. */
async function until(podman: Podman, id: string, state: string): Promise<ContainerSeen> {
  const deadline = performance.now() + 20_000;
  while (true) {
    const now = await seen(podman, id);
    if (now.state === state) return now;
    assert.ok(performance.now() < deadline, `state is ${now.state}, wanted ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function textOf(
  output: AsyncIterable<{ stream: "stdout" | "stderr"; data: Uint8Array }>,
): Promise<{ stdout: string; stderr: string }> {
  const texts = { stdout: "", stderr: "" };
  const decoder = new TextDecoder();
  for await (const { stream, data } of output) texts[stream] += decoder.decode(data);
  return texts;
}

/** Creates, hands on, and removes whatever happens. */
async function withContainer(
  setup: ContractSetup,
  create: ContainerCreate,
  work: (id: string) => Promise<void>,
): Promise<void> {
  const id = await setup.podman.createContainer(create);
  try {
    await work(id);
  } finally {
    await setup.podman.removeContainer(id);
  }
}

export const podmanContract: readonly ContractCase[] = [
  {
    name: "a container lives in another's namespaces, and in its new ones once it is started anew",
    async run(setup) {
      const { podman } = setup;
      await withContainer(setup, createFor(setup, "host", 60), async (host) => {
        await podman.startContainer(host);
        const spaceOf = async (id: string, kind: "network" | "ipc" | "pid") => {
          const { pid } = await until(podman, id, "running");
          assert.ok(pid !== null);
          const space = await podman.namespaceOf(pid, kind);
          assert.ok(space !== null);
          return space;
        };
        const base = createFor(setup, "sharer", 61);
        const sharer = { ...base, network: null, shares: { network: host, ipc: host } };
        await withContainer(setup, sharer, async (id) => {
          await podman.startContainer(id);
          for (const kind of ["network", "ipc"] as const) {
            assert.equal(await spaceOf(id, kind), await spaceOf(host, kind), kind);
          }
          assert.notEqual(await spaceOf(id, "pid"), await spaceOf(host, "pid"));
          await assert.rejects(podman.removeContainer(host), "its sharer goes first");
          await podman.stopContainer(host, 1000);
          // Its network namespace is another one now, or that of before, where Podman had not
          // cleaned up yet: what lives in it is started anew by what is seen, not by what is expected.
          await podman.startContainer(host);
          await podman.stopContainer(id, 1000);
          await podman.startContainer(id);
          assert.equal(await spaceOf(id, "network"), await spaceOf(host, "network"));
        });
        // An init would have to be the first of the processes that it shares.
        const spec = { ...base.spec, init: true };
        await withContainer(
          setup,
          { ...base, network: null, shares: { pid: host }, spec },
          async (id) => {
            await podman.startContainer(id);
            assert.equal(await spaceOf(id, "pid"), await spaceOf(host, "pid"));
            assert.notEqual(await spaceOf(id, "network"), await spaceOf(host, "network"));
          },
        );
      });
    },
  },
  {
    name: "a container is created, started, stopped and removed, each of them twice",
    async run(setup) {
      const { podman } = setup;
      const create = createFor(setup, "life", 10);
      const id = await podman.createContainer(create);
      try {
        assert.equal(await podman.createContainer(create), id);
        const created = await seen(podman, id);
        assert.equal(created.state, "created");
        assert.equal(created.name, create.name);
        assert.equal(created.imageId, setup.imageId);
        assert.equal(created.labels["skerry.deployment.id"], create.labels["skerry.deployment.id"]);
        assert.equal(created.startedAt, null);
        assert.equal(created.address, setup.address(10));
        await podman.startContainer(id);
        await podman.startContainer(id);
        const running = await until(podman, id, "running");
        assert.ok(running.pid !== null && running.pid > 1);
        assert.ok(running.startedAt !== null);
        assert.equal(running.exitCode, null);
        assert.equal(running.address, setup.address(10));
        await podman.stopContainer(id, 1000);
        await podman.stopContainer(id, 1000);
        const exited = await until(podman, id, "exited");
        assert.equal(exited.pid, null);
        assert.ok(exited.exitCode !== null && exited.finishedAt !== null);
        assert.equal(exited.address, setup.address(10));
        await podman.startContainer(id);
        await until(podman, id, "running");
      } finally {
        await podman.removeContainer(id);
        await podman.removeContainer(id);
      }
      assert.equal((await podman.listContainers()).some((c) => c.id === id), false);
      await podman.stopContainer(id, 1000);
    },
  },
  {
    name: "a taken name with another hash is name_taken",
    async run(setup) {
      const create = createFor(setup, "taken", 11);
      await withContainer(setup, create, async () => {
        const other = { ...create, labels: { ...create.labels, "skerry.spec.hash": "other" } };
        await rejectsWith("name_taken", setup.podman.createContainer(other));
      });
    },
  },
  {
    name: "an unknown image is image_unknown, an unknown network network_unknown",
    async run(setup) {
      const create = createFor(setup, "unknown", 12);
      await rejectsWith(
        "image_unknown",
        setup.podman.createContainer({ ...create, imageId: "f".repeat(64) }),
      );
      const network = { ...create.network!, name: `${setup.namePrefix}-nowhere` };
      await rejectsWith("network_unknown", setup.podman.createContainer({ ...create, network }));
    },
  },
  {
    name: "a taken address is address_taken at start",
    async run(setup) {
      const { podman } = setup;
      await withContainer(setup, createFor(setup, "first", 13), async (first) => {
        await podman.startContainer(first);
        await until(podman, first, "running");
        await withContainer(setup, createFor(setup, "second", 13), async (second) => {
          await rejectsWith("address_taken", podman.startContainer(second));
          await podman.removeContainer(first);
          await podman.startContainer(second);
          await until(podman, second, "running");
        });
      });
    },
  },
  {
    name: "an exit code is seen, and the container can be started again",
    async run(setup) {
      const create = createFor(setup, "exits", 14, ["/bin/sh", "-c", "exit 3"]);
      await withContainer(setup, create, async (id) => {
        await setup.podman.startContainer(id);
        assert.equal((await until(setup.podman, id, "exited")).exitCode, 3);
        await setup.podman.startContainer(id);
        assert.equal((await until(setup.podman, id, "exited")).exitCode, 3);
      });
    },
  },
  {
    name: "limits are applied and read back",
    async run(setup) {
      const create = createFor(setup, "limits", 15);
      const resources = { cpus: 0.5, memoryBytes: 64 * 1024 * 1024, pids: 64 };
      const ulimits = [{ name: "nofile", soft: 100, hard: 200 }];
      const limited = { ...create, spec: { ...create.spec, resources, ulimits } };
      await withContainer(setup, limited, async (id) => {
        await setup.podman.startContainer(id);
        await until(setup.podman, id, "running");
        assert.deepEqual(await setup.podman.appliedLimits(id), resources);
        const seen = await until(setup.podman, id, "running");
        const { ulimits, ...kernel } = await setup.podman.kernelLimits(seen) ?? { ulimits: [] };
        assert.deepEqual(kernel, resources);
        const nofile = ulimits.find(({ name }) => name === "nofile");
        assert.deepEqual(nofile, { name: "nofile", soft: 100, hard: 200 });
        const none = { refusedProcesses: 0, memoryKills: 0 };
        assert.deepEqual(await setup.podman.strain(seen), none);
        await setup.podman.stopContainer(id, 0);
        assert.equal(await setup.podman.kernelLimits(seen), null);
        assert.equal(await setup.podman.strain(seen), null);
      });
    },
  },
  {
    name: "networks are made once, seen, refused while in use, and removed",
    async run(setup) {
      const { podman, network } = setup;
      await podman.ensureNetwork(network);
      assert.equal(await podman.networkExists(network.name), true);
      assert.equal(await podman.networkExists(`${network.name}-not`), false);
      await withContainer(setup, createFor(setup, "user", 16), async (id) => {
        await podman.startContainer(id);
        await rejectsWith("network_in_use", podman.removeNetwork(network.name));
      });
      await rejectsWith(
        "network_differs",
        podman.ensureNetwork({ ...network, subnet: "10.210.255.0/24", gateway: "10.210.255.1" }),
      );
      await podman.removeNetwork(network.name);
      await podman.removeNetwork(network.name);
      assert.equal(await podman.networkExists(network.name), false);
      await podman.ensureNetwork(network);
    },
  },
  {
    name: "volumes keep their labels, outlive containers and say who uses them",
    async run(setup) {
      const { podman } = setup;
      const name = `${setup.namePrefix}-data`;
      await podman.createVolume(name, { labels: { "skerry.volume.id": "v" } });
      await podman.createVolume(name, { labels: { "skerry.volume.id": "v" } });
      const create = {
        ...createFor(setup, "writer", 17),
        mounts: [{ kind: "volume" as const, source: name, target: "/data", readOnly: false }],
      };
      await withContainer(setup, create, async (id) => {
        await podman.startContainer(id);
        const error = await rejectsWith("volume_in_use", podman.removeVolume(name));
        assert.match(error.message, /writer/);
      });
      const there = (await podman.listVolumes()).find((volume) => volume.name === name);
      assert.deepEqual(there?.labels, { "skerry.volume.id": "v" });
      await podman.removeVolume(name);
      await podman.removeVolume(name);
      assert.equal((await podman.listVolumes()).some((volume) => volume.name === name), false);
    },
  },
  {
    name: "images are found by reference and id; an unknown one is null",
    async run({ podman, imageReference, imageId }) {
      assert.equal((await podman.inspectImage(imageReference))?.id, imageId);
      assert.equal((await podman.inspectImage(imageId))?.id, imageId);
      assert.equal(await podman.inspectImage("localhost/not-here:1"), null);
    },
  },
  {
    name: "commands run in a container: output, exit code, stdin, and an end by force",
    async run(setup) {
      const { podman } = setup;
      await withContainer(setup, createFor(setup, "exec", 18), async (id) => {
        const request = { tty: false, stdin: false };
        await rejectsWith("not_running", podman.exec(id, { ...request, command: ["true"] }));
        await podman.startContainer(id);
        await until(podman, id, "running");

        const echo = await podman.exec(id, { ...request, command: ["echo", "hello you"] });
        assert.deepEqual(await textOf(echo.output), { stdout: "hello you\n", stderr: "" });
        assert.equal(await echo.exitCode(), 0);

        const fails = await podman.exec(id, { ...request, command: ["sh", "-c", "exit 7"] });
        await textOf(fails.output);
        assert.equal(await fails.exitCode(), 7);

        const missing = await podman.exec(id, { ...request, command: ["no-such-program"] });
        assert.match((await textOf(missing.output)).stderr, /not found/);
        assert.equal(await missing.exitCode(), 127);

        const cat = await podman.exec(id, { tty: false, stdin: true, command: ["cat"] });
        await cat.write(new TextEncoder().encode("one\n"));
        await cat.write(new TextEncoder().encode("two\n"));
        await cat.closeStdin();
        assert.equal((await textOf(cat.output)).stdout, "one\ntwo\n");
        assert.equal(await cat.exitCode(), 0);

        const sleep = await podman.exec(id, { ...request, command: ["sleep", "1000"] });
        const output = textOf(sleep.output);
        await sleep.kill();
        await output;
        assert.equal(await sleep.exitCode(), 137);
      });
    },
  },
  {
    name: "events tell that something changed",
    async run(setup) {
      const stop = new AbortController();
      const seenActions: string[] = [];
      const reading = (async () => {
        for await (const event of setup.podman.events(stop.signal)) seenActions.push(event.action);
      })();
      const complete = () => seenActions.includes("start") && seenActions.includes("remove");
      // Nobody says when the stream listens, so it is given more than one chance to hear.
      for (let round = 0; round < 5 && !complete(); round++) {
        await withContainer(setup, createFor(setup, "events", 19), async (id) => {
          await setup.podman.startContainer(id);
          await until(setup.podman, id, "running");
        });
        const deadline = performance.now() + 3000;
        while (!complete() && performance.now() < deadline) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
      stop.abort();
      await reading;
      assert.ok(seenActions.includes("start"), seenActions.join());
      assert.ok(seenActions.includes("remove"), seenActions.join());
    },
  },
  // Last: the event stream of Podman 4.3.1, which nothing of ours follows, hangs after these.
  {
    name: "images are listed, named, saved, removed and loaded with the same id",
    async run({ podman, imageReference, imageId }) {
      const listed = (await podman.listImages()).find((image) => image.id === imageId);
      assert.ok(listed, "it is listed");
      assert.ok(listed.references.includes(imageReference), JSON.stringify(listed));
      assert.ok(listed.sizeBytes > 0);
      const other = "localhost/skerry-contract-carried:2";
      await podman.tagImage(imageId, other);
      assert.equal((await podman.inspectImage(other))?.id, imageId);
      const archive = await new Response(await podman.saveImages([imageReference, other])).blob();
      await podman.removeImage(other);
      assert.equal((await podman.inspectImage(other))?.id, undefined);
      await podman.removeImage(imageReference);
      await podman.removeImage(imageReference);
      assert.equal(await podman.inspectImage(imageId), null);
      const names = await podman.loadImages(archive.stream());
      assert.deepEqual([...names].sort(), [other, imageReference].sort());
      assert.equal((await podman.inspectImage(imageReference))?.id, imageId);
      await podman.removeImage(other);
      const nonsense = new Blob(["no archive at all"]).stream();
      await assert.rejects(podman.loadImages(nonsense));
      await assert.rejects(async () => {
        await new Response(await podman.saveImages(["localhost/not-here:1"])).arrayBuffer();
      });
    },
  },
  {
    name: "an image in use stays",
    async run(setup) {
      await withContainer(setup, createFor(setup, "keeps", 23), async () => {
        await rejectsWith("image_in_use", setup.podman.removeImage(setup.imageId));
      });
    },
  },
];
