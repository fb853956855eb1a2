import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { createFor } from "./contract_specs.ts";
import { startRealPodman } from "./real_fixture.ts";

Deno.test("the kernel's counters of a container that forks and eats, while its main process lives", async () => {
  const setup = await startRealPodman();
  const { podman } = setup;
  try {
    const many = Array.from({ length: 30 }, (_, at) => at).join(" ");
    const create = createFor(setup, "strained", 40, [
      "/bin/sh",
      "-c",
      "(exec /bin/busybox dd if=/dev/zero of=/dev/null bs=200M); " +
      `(for i in ${many}; do sleep 1000 & done); exec sleep 1000`,
    ]);
    const resources = { memoryBytes: 32 << 20, pids: 8 };
    const id = await podman.createContainer({ ...create, spec: { ...create.spec, resources } });
    await podman.startContainer(id);
    const seen = async () => {
      const found = (await podman.listContainers()).find((each) => each.id === id);
      assert.ok(found);
      return found;
    };
    const { pid } = await seen();
    const deadline = performance.now() + 60_000;
    while (true) {
      const strain = await podman.strain({ id, pid });
      assert.ok(strain, "it runs");
      if (strain.refusedProcesses > 0 && strain.memoryKills > 0) break;
      assert.ok(performance.now() < deadline, JSON.stringify(strain));
      await systemClock.sleep(50);
    }
    const after = await seen();
    assert.deepEqual([after.state, after.pid], ["running", pid]);
    assert.equal((await podman.kernelLimits(after))?.pids, 8);
  } finally {
    await setup.close();
  }
});
