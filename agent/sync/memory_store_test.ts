import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLog } from "../../shared/log.ts";
import type { DeploymentId } from "../../shared/model/ids.ts";
import { NO_MEMORY } from "../reconcile/intent.ts";
import type { DeploymentMemory } from "../reconcile/world.ts";
import { deploymentId } from "../testing/intent.ts";
import { createMemoryStore } from "./memory_store.ts";

const MINUTE_MS = 60_000;
const id = deploymentId("web");

/** What is there after it was written at one time and read at another. */
async function afterAway(
  memory: DeploymentMemory,
  writtenAt: number,
  readAt: number,
): Promise<DeploymentMemory | undefined> {
  const path = join(await Deno.makeTempDir(), "memory.json");
  const at = (now: number) => createMemoryStore(path, silentLog, { now: () => now });
  await at(writtenAt).save(new Map<DeploymentId, DeploymentMemory>([[id, memory]]));
  return (await at(readAt).load()).get(id);
}

Deno.test("the power was off for an hour: what was coming up has the time left that it had", async () => {
  const began = 10 * MINUTE_MS;
  const coming = { ...NO_MEMORY, firstStartedAt: began, crashStreak: 2, lastCrashAt: began };
  const read = await afterAway(coming, began + MINUTE_MS, began + 61 * MINUTE_MS);
  assert.deepEqual(read, { ...coming, firstStartedAt: began + 60 * MINUTE_MS });
});

Deno.test("what was healthy once, was given up or has ended keeps its times", async () => {
  const began = 10 * MINUTE_MS;
  const reason = { code: "deadline", message: "not healthy" };
  for (
    const settled of [
      { ...NO_MEMORY, firstStartedAt: began, wasHealthy: true },
      { ...NO_MEMORY, firstStartedAt: began, gaveUp: { at: began, reason } },
      { ...NO_MEMORY, firstStartedAt: began, jobExit: { at: began, code: 1 } },
      NO_MEMORY,
    ]
  ) assert.deepEqual(await afterAway(settled, began, began + 60 * MINUTE_MS), settled);
});

Deno.test("the clock was set back meanwhile: nobody gets less time by it", async () => {
  const coming = { ...NO_MEMORY, firstStartedAt: 10 * MINUTE_MS };
  assert.deepEqual(await afterAway(coming, 11 * MINUTE_MS, 5 * MINUTE_MS), coming);
});

Deno.test("a file from before times were written in it is read", async () => {
  const path = join(await Deno.makeTempDir(), "memory.json");
  const memory = { ...NO_MEMORY, firstStartedAt: 1 };
  await Deno.writeTextFile(path, JSON.stringify({ [id]: memory }));
  const store = createMemoryStore(path, silentLog, { now: () => MINUTE_MS });
  assert.deepEqual((await store.load()).get(id), memory);
});
