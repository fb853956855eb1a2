import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { createFor } from "./contract_specs.ts";
import type { ContainerSeen } from "./driver.ts";
import { startRealPodman } from "./real_fixture.ts";

Deno.test("states of the real Podman, told as they are when processes are killed", async (t) => {
  const setup = await startRealPodman();
  const { podman } = setup;
  const seen = async (id: string): Promise<ContainerSeen> => {
    const found = (await podman.listContainers()).find((container) => container.id === id);
    assert.ok(found);
    return found;
  };
  const until = async (id: string, state: string): Promise<readonly string[]> => {
    const states: string[] = [];
    const deadline = performance.now() + 20_000;
    while (states.at(-1) !== state) {
      assert.ok(performance.now() < deadline, states.join());
      const now = (await seen(id)).state;
      if (states.at(-1) !== now) states.push(now);
      await systemClock.sleep(20);
    }
    return states;
  };
  const started = async (name: string, n: number): Promise<string> => {
    const id = await podman.createContainer(createFor(setup, name, n));
    await podman.startContainer(id);
    await until(id, "running");
    return id;
  };
  const conmonOf = async (id: string): Promise<number> => {
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (line.includes("conmon\0") && line.includes(`\0${id}\0`)) return Number(name);
    }
    throw new Error(`no conmon of ${id}`);
  };

  try {
    await t.step("a killed process is never seen as dead while its conmon lives", async () => {
      const id = await started("killed", 20);
      const { pid } = await seen(id);
      Deno.kill(pid ?? 0, "SIGKILL");
      const states = await until(id, "exited");
      assert.ok(!states.includes("dead"), states.join());
      assert.equal((await seen(id)).exitCode, 137);
    });

    await t.step("a lost conmon is dead; start brings the container back", async () => {
      const id = await started("lost", 21);
      const { pid } = await seen(id);
      Deno.kill(await conmonOf(id), "SIGKILL");
      await until(id, "dead");
      Deno.kill(pid ?? 0, "SIGKILL");
      assert.equal((await seen(id)).state, "dead");
      await podman.startContainer(id);
      await until(id, "running");
      await podman.removeContainer(id);
    });

    await t.step("a dead container is removed, its process with it", async () => {
      const id = await started("removed", 22);
      const { pid } = await seen(id);
      Deno.kill(await conmonOf(id), "SIGKILL");
      await until(id, "dead");
      await podman.removeContainer(id);
      assert.equal((await podman.listContainers()).some((c) => c.id === id), false);
      const deadline = performance.now() + 5000;
      const alive = () => {
        try {
          return Deno.readTextFileSync(`/proc/${pid}/cgroup`).includes(id);
        } catch {
          return false;
        }
      };
      while (alive() && performance.now() < deadline) await systemClock.sleep(50);
      assert.equal(alive(), false);
    });

    await t.step("a dead container is stopped", async () => {
      const id = await started("stopped", 23);
      Deno.kill(await conmonOf(id), "SIGKILL");
      await until(id, "dead");
      await podman.stopContainer(id, 1000);
      await until(id, "exited");
    });

    await t.step(
      "without its service: an error at once; containers live on and are seen again",
      async () => {
        let told = false;
        const events = (async () => {
          for await (const _ of podman.events(new AbortController().signal)) told = true;
        })();
        const id = await started("outlives", 24);
        const before = await seen(id);
        while (!told) await systemClock.sleep(20);
        await setup.killService();
        await events;
        await assert.rejects(podman.listContainers(), { code: "podman_unreachable" });
        await setup.startService();
        assert.deepEqual(await seen(id), before);
      },
    );
  } finally {
    await setup.close();
  }
});
