import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import type { Podman } from "./driver.ts";
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

/** A zombie counts as gone: conmon takes it up in its own time. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "State: Z");
    if (/^State:\s+[ZX]/m.test(status)) return;
    await systemClock.sleep(10);
  }
}

async function untilStopping(podman: Podman): Promise<void> {
  while (!(await podman.listContainers()).some(({ state }) => state === "stopping")) {
    await systemClock.sleep(10);
  }
}

Deno.test("one that takes its whole grace to stop, and its removal, hold no look up", async () => {
  const setup = await startRealPodman();
  const { podman } = setup;
  try {
    const deaf = ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"];
    const slow = await podman.createContainer(createFor(setup, "slow", 20, deaf));
    await podman.startContainer(slow);
    const pid = (await podman.listContainers()).find(({ id }) => id === slow)?.pid;
    let stopped = false;
    const givenUp = new AbortController();
    const stopping = podman.stopContainer(slow, 120_000, givenUp.signal)
      .finally(() => stopped = true);
    stopping.catch(() => undefined);
    await untilStopping(podman);
    for (let n = 0; n < 10; n += 1) {
      const gone = await podman.createContainer(createFor(setup, `gone${n}`, 21 + n));
      const removal = podman.removeContainer(gone);
      const names = (await podman.listContainers()).map(({ id }) => id);
      assert.ok(names.includes(slow));
      await removal;
    }
    assert.equal(stopped, false, "the looks came only after the stop");
    // Now it goes in the middle of its grace.
    const removal = podman.removeContainer(slow);
    await podman.listContainers();
    await removal;
    assert.deepEqual(await podman.listContainers(), []);
    assert.ok(pid != null);
    await untilGone(pid);
    // Podman's own stop waits for the whole of the grace all the same.
    assert.equal(stopped, false);
    givenUp.abort();
    await assert.rejects(stopping);
  } finally {
    await setup.close();
  }
});
