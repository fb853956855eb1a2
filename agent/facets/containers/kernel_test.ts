import assert from "node:assert/strict";
import { testDeployment } from "../../testing/intent.ts";
import type { ContainerSeen } from "../../drivers/podman/driver.ts";
import type { Strain } from "../../drivers/podman/strain.ts";
import { createKernelWatch } from "./kernel.ts";

const { id } = testDeployment("web", {});
const LIMITS = { memoryBytes: null, cpus: null, pids: 64, ulimits: [] };

function scene() {
  let now = 0;
  let limitReads = 0;
  let strain: Strain | null = { refusedProcesses: 0, memoryKills: 0 };
  const container: ContainerSeen = {
    id: "c1",
    name: "web",
    state: "running",
    labels: {},
    imageId: "i",
    pid: 7,
    exitCode: null,
    startedAt: 1,
    finishedAt: null,
    address: null,
  };
  const watch = createKernelWatch({
    podman: {
      kernelLimits: () => Promise.resolve({ ...LIMITS, pids: 64 + limitReads++ }),
      strain: () => Promise.resolve(strain),
    },
    monotonic: () => now,
  });
  return {
    reads: () => limitReads,
    set: (next: Partial<Strain> | null) => {
      strain = next === null ? null : { refusedProcesses: 0, memoryKills: 0, ...next };
    },
    look: async (afterMs: number, over: Partial<ContainerSeen> = {}) => {
      now += afterMs;
      return (await watch.look(new Map([[id, { ...container, ...over }]]))).get(id);
    },
  };
}

Deno.test("limits are read once for each start, and again only after long", async () => {
  const { look, reads } = scene();
  for (let at = 0; at < 20; at++) await look(10_000);
  assert.equal(reads(), 1);
  await look(200_000);
  assert.equal(reads(), 2);
  assert.equal((await look(10, { startedAt: 2 }))?.limits.pids, 66);
  assert.equal(await look(10, { state: "exited", pid: null }), undefined);
});

Deno.test("a kill counts once the main process has outlived it, and with a new start not at all", async () => {
  const { look, set } = scene();
  await look(0);
  set({ memoryKills: 1, refusedProcesses: 5 });
  const at = await look(10_000);
  assert.deepEqual([at?.memoryKills, at?.refusedProcesses], [0, 5]);
  assert.equal((await look(1_000))?.memoryKills, 0);
  assert.equal((await look(1_500))?.memoryKills, 1);
  set({ memoryKills: 3 });
  assert.equal((await look(10_000))?.memoryKills, 1);
  // It was the main process: the container ends, and starts with counters of its own.
  set({ memoryKills: 0 });
  assert.equal((await look(10_000, { startedAt: 2 }))?.memoryKills, 0);
  set(null);
  assert.equal(await look(10_000, { startedAt: 2 }), undefined);
});

Deno.test("what befell it before the agent came is not news", async () => {
  const { look, set } = scene();
  set({ memoryKills: 4 });
  assert.equal((await look(0))?.memoryKills, 4);
  assert.equal((await look(10_000))?.memoryKills, 4);
});
