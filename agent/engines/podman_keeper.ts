/**
 * Keeps the home's Podman service there: started, adopted, started anew where its socket is gone
 * or it no longer answers. Containers do not notice: their conmon is no child of it.
 */
import type { Clock } from "../../shared/clock.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { Engine, EngineSpec } from "../drivers/engine/engine.ts";
import type { Podman } from "../drivers/podman/driver.ts";

const STOP_GRACE_MS = 3_000;
const UP_WITHIN_MS = 10_000;
const FIRST_PAUSE_MS = 10;
const LAST_PAUSE_MS = 250;
/** So many unanswered calls in a row, and it is taken for hung. */
const HUNG_AFTER = 3;

export interface PodmanKeeper {
  /** Rejects with `podman_unreachable` where it cannot be had now. */
  prepare(signal: AbortSignal): Promise<void>;
}

export interface PodmanKeeperDeps {
  readonly engine: Engine;
  /** Writes what the service reads and gives what to run. */
  spec(): Promise<EngineSpec>;
  readonly socketPath: string;
  readonly podman: Pick<Podman, "ping">;
  readonly clock: Clock;
  readonly log: Log;
}

export function createPodmanKeeper(deps: PodmanKeeperDeps): PodmanKeeper {
  const { engine, clock, log } = deps;
  let unanswered = 0;
  let prepared = false;

  async function restart(why: string): Promise<void> {
    log.warn("Podman's service is started anew", { why });
    await engine.stop(STOP_GRACE_MS);
    await start();
  }

  async function start(): Promise<void> {
    // A socket that outlived its service would keep the next one from listening.
    await Deno.remove(deps.socketPath).catch(() => undefined);
    await engine.ensure(await deps.spec());
  }

  async function answersSoon(signal: AbortSignal): Promise<void> {
    const deadline = clock.monotonic() + UP_WITHIN_MS;
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      try {
        await deps.podman.ping(signal);
        return;
      } catch (thrown) {
        signal.throwIfAborted();
        if (clock.monotonic() >= deadline) {
          throw new SkerryError(
            "podman_unreachable",
            `Podman's service does not answer on "${deps.socketPath}": ${messageOf(thrown)}`,
            "look at the end of its log (podman/service.log in the home folder) and at `skerry doctor`",
            { cause: thrown },
          );
        }
      }
      await clock.sleep(pauseMs, signal);
      pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
    }
  }

  async function socketThere(): Promise<boolean> {
    return await Deno.stat(deps.socketPath).then(() => true, () => false);
  }

  return {
    async prepare(signal) {
      const state = prepared ? await engine.state() : await engine.ensure(await deps.spec());
      if (state.kind === "absent") {
        await start();
        await answersSoon(signal);
      } else if (state.kind === "outdated") {
        await restart("it was started with another configuration");
        await answersSoon(signal);
      } else if (!prepared) {
        await answersSoon(signal);
      } else if (!await socketThere()) {
        await restart("its socket is gone");
        await answersSoon(signal);
      } else {
        try {
          await deps.podman.ping(signal);
        } catch (thrown) {
          signal.throwIfAborted();
          unanswered += 1;
          if (unanswered < HUNG_AFTER) throw thrown;
          unanswered = 0;
          await restart("it does not answer");
          await answersSoon(signal);
        }
      }
      prepared = true;
      unanswered = 0;
    },
  };
}
