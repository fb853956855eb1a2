/**
 * `skerry agent`: the agent alone. It runs what it last knew; joining a control plane over the
 * network comes with the fleet.
 */
import { createAgent } from "../agent/agent.ts";
import { systemClock } from "../shared/clock.ts";
import { SkerryError } from "../shared/errors.ts";
import { lockHome } from "../shared/home_lock.ts";
import { createLog } from "../shared/log.ts";
import type { AgentOptions } from "./flags.ts";
import { stderrSink } from "./log_sink.ts";
import { VERSION } from "./version.ts";

const HEARTBEAT_MS = 600_000;

/** Resolves with the exit code once the signal has ended it. */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<number> {
  const log = createLog(stderrSink(Deno.stderr.isTerminal()), options.logLevel);
  using _lock = await lockHome(`${options.layout.lockFile}.agent`);
  const agent = await createAgent({
    settings: { ...options, version: VERSION, heartbeatMs: HEARTBEAT_MS },
    transport: () => () =>
      Promise.reject(
        new SkerryError("control_unreachable", "no control plane is known to this agent"),
      ),
    enrolToken: () => Promise.resolve(null),
    clock: systemClock,
    log,
  });
  await agent.run(signal);
  return 0;
}
