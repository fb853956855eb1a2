/**
 * `skerry agent`: the agent alone. It runs what it last knew, and speaks with the control plane of
 * its home over that one's socket, whenever there is one; joining over the network comes with the
 * fleet.
 */
import { answerFromBefore } from "../agent/names_first.ts";
import { systemClock } from "../shared/clock.ts";
import { createRunCommand } from "../shared/command.ts";
import { lockHome } from "../shared/home_lock.ts";
import { createLog } from "../shared/log.ts";
import type { AgentOptions } from "./flags.ts";
import { readJoinToken } from "./join_token.ts";
import { createSystemd } from "./boot/systemd.ts";
import { stderrSink } from "./log_sink.ts";
import { socketTransport } from "./socket_transport.ts";
import { createBootClock } from "./steady_clock.ts";
import { VERSION } from "./version.ts";

/** Without any change the agent reports after this, well within what counts as online. */
const HEARTBEAT_MS = 30_000;
/** Looking for a socket costs next to nothing. */
const RETRY_CAP_MS = 5_000;

/** Resolves with the exit code once the signal has ended it. */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<number> {
  const { layout } = options;
  const log = createLog(stderrSink(Deno.stderr.isTerminal()), options.logLevel);
  using _lock = await lockHome(`${layout.lockFile}.agent`);
  const steady = await createBootClock(layout.clockFile, systemClock);
  const names = await answerFromBefore({ layout, clock: steady, log });
  // Loaded only now: names are answered meanwhile.
  const { createAgent } = await import("../agent/agent.ts");
  using socket = socketTransport(layout.controlSocket);
  const agent = await createAgent({
    names,
    settings: { ...options, version: VERSION, heartbeatMs: HEARTBEAT_MS, retryCapMs: RETRY_CAP_MS },
    transport: socket.send,
    enrolToken: () => readJoinToken(layout),
    machineEnds: createSystemd(createRunCommand()).ending,
    clock: systemClock,
    steady,
    log,
  });
  await agent.run(signal);
  return 0;
}
