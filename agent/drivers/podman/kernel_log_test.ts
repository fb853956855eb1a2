import assert from "node:assert/strict";
import fc from "fast-check";
import { endedByKernel, parseOomKill } from "./kernel_log.ts";

const ID = "a".repeat(64);
const V1 =
  `6,21380,18541623049,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=libpod-${ID},` +
  `mems_allowed=0,oom_memcg=/libpod_parent/libpod-${ID},task_memcg=/libpod_parent/libpod-${ID},` +
  "task=my, app,pid=14191,uid=0";
const V2 =
  `6,9,5000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=libpod-${ID}.scope,` +
  `mems_allowed=0,oom_memcg=/machine.slice/libpod-${ID}.scope,` +
  `task_memcg=/machine.slice/libpod-${ID}.scope/container,task=sh,pid=7,uid=1000`;

Deno.test("the kernel names the container that it killed for want of memory", () => {
  assert.deepEqual(parseOomKill(V1), {
    containerId: ID,
    program: "my, app",
    atMs: 18_541_623.049,
  });
  assert.equal(parseOomKill(V2)?.containerId, ID);
  assert.equal(parseOomKill("6,1,1,-;Memory cgroup out of memory: Killed process 1 (sh)"), null);
  assert.equal(parseOomKill(V1.replaceAll(`libpod-${ID}`, "other")), null);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const kill = parseOomKill(text);
    assert.ok(kill === null || kill.atMs >= 0);
  }));
});

Deno.test("a kill belongs to the end that it stands beside", () => {
  const kill = parseOomKill(V2);
  assert.ok(kill !== null);
  const bootedAt = 1_000_000;
  assert.equal(endedByKernel([kill], ID, bootedAt + 5_200, bootedAt), true);
  assert.equal(endedByKernel([kill], ID, bootedAt + 60_000, bootedAt), false, "another life");
  assert.equal(endedByKernel([kill], "b".repeat(64), bootedAt + 5_000, bootedAt), false);
});
