/** What the agent remembers about deployments, as a file: read once, written whole when it changed. */
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { DeploymentId } from "../../shared/model/ids.ts";
import { Instant, Reason } from "../../shared/model/verdict.ts";
import type { MemoryStore } from "../reconcile/loop.ts";
import { resumed } from "../reconcile/memory.ts";

const Deployments = z.record(
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

const MemoryFile = z.union([
  z.strictObject({ writtenAt: Instant, deployments: Deployments }),
  // As it was before its time was written into it.
  Deployments.transform((deployments) => ({ writtenAt: null, deployments })),
]);

export function createMemoryStore(
  path: string,
  log: Log,
  clock: Pick<Clock, "now">,
): MemoryStore {
  return {
    async load() {
      const text = await readTextIfThere(path);
      if (text === null) return new Map();
      try {
        const { writtenAt, deployments } = MemoryFile.parse(JSON.parse(text));
        const now = clock.now();
        const awayMs = Math.max(0, now - (writtenAt ?? now));
        return new Map(
          Object.entries(deployments)
            .map(([id, memory]) => [DeploymentId.parse(id), resumed(memory, awayMs)]),
        );
      } catch (thrown) {
        // What is lost are counters and the end of jobs: better to go on than to stand still.
        log.error("the agent's memory is damaged and begins anew", { reason: messageOf(thrown) });
        await Deno.rename(path, `${path}.damaged`);
        return new Map();
      }
    },
    save(memory) {
      const deployments = Object.fromEntries(memory);
      const text = JSON.stringify({ writtenAt: clock.now(), deployments });
      return writeFileAtomically(path, text, 0o600);
    },
  };
}
