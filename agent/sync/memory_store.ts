/** What the agent remembers about deployments, as a file: read once, written whole when it changed. */
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { DeploymentId } from "../../shared/model/ids.ts";
import { Instant, Reason } from "../../shared/model/verdict.ts";
import type { MemoryStore } from "../reconcile/loop.ts";

const MemoryFile = z.record(
  DeploymentId,
  z.strictObject({
    firstStartedAt: Instant.nullable(),
    wasHealthy: z.boolean(),
    gaveUp: z.strictObject({ at: Instant, reason: Reason }).nullable(),
    restarts: z.int().nonnegative(),
    crashStreak: z.int().nonnegative(),
    lastCrashAt: Instant.nullable(),
    countedStartAt: Instant.nullable(),
    jobExit: z.strictObject({ at: Instant, code: z.int() }).nullable(),
  }),
);

export function createMemoryStore(path: string, log: Log): MemoryStore {
  return {
    async load() {
      const text = await readTextIfThere(path);
      if (text === null) return new Map();
      try {
        const file = MemoryFile.parse(JSON.parse(text));
        return new Map(
          Object.entries(file).map(([id, memory]) => [DeploymentId.parse(id), memory]),
        );
      } catch (thrown) {
        // What is lost are counters and the end of jobs: better to go on than to stand still.
        log.error("the agent's memory is damaged and begins anew", { reason: messageOf(thrown) });
        await Deno.rename(path, `${path}.damaged`);
        return new Map();
      }
    },
    save: (memory) => writeFileAtomically(path, JSON.stringify(Object.fromEntries(memory)), 0o600),
  };
}
