import assert from "node:assert/strict";
import { createFor } from "./contract_specs.ts";
import { createFakePodman, type FakePodman } from "./fake.ts";
import { createManualClock, type ManualClock } from "./manual_clock.ts";
import { type ContractSetup, podmanContract } from "./podman_contract.ts";

interface FakeSetup extends ContractSetup {
  readonly podman: FakePodman;
  readonly clock: ManualClock;
}

async function fakeSetup(): Promise<FakeSetup> {
  const clock = createManualClock();
  const podman = createFakePodman({ clock });
  const imageReference = "localhost/contract:1";
  const image = podman.control.addImage(imageReference);
  const network = {
    name: "sk-fake",
    bridge: "sk-fake",
    subnet: "10.210.1.0/24",
    gateway: "10.210.1.1",
  };
  await podman.ensureNetwork(network);
  return {
    podman,
    clock,
    imageId: image.id,
    imageReference,
    network,
    address: (n) => `10.210.1.${n}`,
    namePrefix: "sk-fake",
  };
}

for (const { name, run } of podmanContract) {
  Deno.test(`fake: ${name}`, async () => await run(await fakeSetup()));
}

Deno.test("fake: a script ends a container after its time, and a lost conmon shows as dead", async () => {
  const setup = await fakeSetup();
  const create = createFor(setup, "scripted", 20);
  setup.podman.control.script(create.name, { exitCode: 5, afterMs: 1000 });
  const id = await setup.podman.createContainer(create);
  await setup.podman.startContainer(id);
  setup.clock.advance(999);
  assert.equal((await setup.podman.listContainers())[0]?.state, "running");
  setup.clock.advance(1);
  const ended = (await setup.podman.listContainers())[0];
  assert.equal(ended?.state, "exited");
  assert.equal(ended?.exitCode, 5);
  await setup.podman.startContainer(id);
  setup.podman.control.loseConmon(id);
  assert.equal((await setup.podman.listContainers())[0]?.state, "dead");
});

Deno.test("fake: the nth call fails, a hanging one ends with its signal or when healed", async () => {
  const { podman } = await fakeSetup();
  podman.control.fail("listContainers", new Error("told"), 2);
  await podman.listContainers();
  await assert.rejects(podman.listContainers(), /told/);
  await podman.listContainers();
  podman.control.hang("version");
  const stop = new AbortController();
  const hanging = podman.version(stop.signal);
  stop.abort();
  await assert.rejects(hanging, { code: "aborted" });
  podman.control.hang("version");
  const healed = podman.version();
  await Promise.resolve();
  podman.control.heal();
  assert.equal((await healed).version, "4.3.1");
});

Deno.test("fake: pulls ask the registry that the test filled", async () => {
  const { podman } = await fakeSetup();
  podman.control.addRemote("example.org/a:1", { digest: `sha256:${"a".repeat(64)}` });
  podman.control.addRemote("example.org/b:1", "unauthorized");
  await assert.rejects(podman.pullImage("example.org/b:1", () => {}), { code: "unauthorized" });
  await assert.rejects(podman.pullImage("example.org/c:1", () => {}), { code: "not_found" });
  const lines: string[] = [];
  const image = await podman.pullImage("example.org/a:1", (line) => lines.push(line));
  assert.equal((await podman.inspectImage("example.org/a:1"))?.id, image.id);
  assert.equal(await podman.resolveDigest("example.org/a:1"), `sha256:${"a".repeat(64)}`);
  assert.ok(lines.length > 0);
});
