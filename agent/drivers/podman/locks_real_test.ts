import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { createFor } from "./contract_specs.ts";
import { startRealPodman } from "./real_fixture.ts";

Deno.test("containers that come and go under the eyes of the agent leave no lock behind", async () => {
  const setup = await startRealPodman();
  const { podman, home } = setup;
  const locks = () =>
    [...Deno.readDirSync(`${home.runDir}/podman/tmp/locks`)].map(({ name }) => name);
  try {
    assert.deepEqual(locks(), []);
    let done = false;
    const looking = (async () => {
      for (; !done; await systemClock.sleep(10)) await podman.listContainers();
    })();
    try {
      for (let n = 0; n < 8; n++) {
        const id = await podman.createContainer(createFor(setup, `gone${n}`, 20 + n));
        await podman.startContainer(id);
        assert.equal(locks().length, 1);
        // Once at rest, once while it runs.
        if (n % 2 === 0) await podman.stopContainer(id, 1000);
        await podman.removeContainer(id);
      }
    } finally {
      done = true;
      await looking;
    }
    assert.deepEqual(locks(), []);
  } finally {
    await setup.close();
  }
});
