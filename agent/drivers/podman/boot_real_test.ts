import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { createFor } from "./contract_specs.ts";
import { startRealPodman } from "./real_fixture.ts";
import { podmanPaths } from "./service.ts";

Deno.test("after a boot the containers are there, at rest, and start again", async () => {
  const setup = await startRealPodman();
  const { podman } = setup;
  const seen = async (id: string) => (await podman.listContainers()).find((c) => c.id === id);
  try {
    // Without a network: its leases lie in /run/containers, which a real boot empties.
    const id = await podman.createContainer({ ...createFor(setup, "boots", 50), network: null });
    await podman.startContainer(id);
    const pid = (await seen(id))?.pid ?? 0;
    await setup.killService();

    // As a power cut has it: nobody tells anybody.
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (line.includes(`\0${id}\0`)) Deno.kill(Number(name), "SIGKILL");
    }
    Deno.kill(pid, "SIGKILL");
    const root = podmanPaths(setup.home).root;
    const mounts = (await Deno.readTextFile("/proc/self/mounts")).split("\n")
      .map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(root))
      .sort((a, b) => b.length - a.length);
    for (const path of mounts) await new Deno.Command("umount", { args: ["-l", path] }).output();
    for (const runtime of ["runc", "crun"]) {
      await Deno.remove(`/run/${runtime}/${id}`, { recursive: true }).catch(() => {});
    }
    // The run folder outlived it, with the mark of another boot.
    await Deno.writeTextFile(`${setup.home.runDir}/podman/boot-id`, "another boot");

    await setup.prepareAgain();
    await setup.startService();
    const state = (await seen(id))?.state ?? "none";
    assert.ok(["exited", "created"].includes(state), state);
    await podman.startContainer(id);
    const deadline = performance.now() + 10_000;
    while ((await seen(id))?.state !== "running" && performance.now() < deadline) {
      await systemClock.sleep(50);
    }
    assert.equal((await seen(id))?.state, "running");
  } finally {
    await setup.close();
  }
});
