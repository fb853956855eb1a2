/** `skerry up`: control plane and agent in one process; what lies between them is a function call. */
import type { Agent } from "../agent/agent.ts";
import { answerFromBefore } from "../agent/names_first.ts";
import { systemClock } from "../shared/clock.ts";
import { lockHome } from "../shared/home_lock.ts";
import { createLog } from "../shared/log.ts";
import type { ControlServer } from "./control_server.ts";
import type { UpOptions } from "./flags.ts";
import { stderrSink } from "./log_sink.ts";
import { createBootClock } from "./steady_clock.ts";
import { VERSION } from "./version.ts";

/** Without any change the agent reports after this; a call in the same process costs nothing. */
const HEARTBEAT_MS = 30_000;
const RETRY_CAP_MS = 60_000;

/** Resolves with the exit code once the signal has ended it. */
export async function runUp(options: UpOptions, signal: AbortSignal): Promise<number> {
  const { layout } = options;
  const log = createLog(stderrSink(Deno.stderr.isTerminal()), options.logLevel);
  using _control = await lockHome(`${layout.lockFile}.control`);
  using _agent = await lockHome(`${layout.lockFile}.agent`);
  const steady = await createBootClock(layout.clockFile, systemClock);
  const names = await answerFromBefore({ layout, clock: steady, log });
  // Loaded only now: names are answered meanwhile.
  const { startControl } = await import("./control_server.ts");
  const { createAgent } = await import("../agent/agent.ts");
  let agent: Agent | null = null;
  const control: ControlServer = await startControl({
    options,
    ingress: options,
    links: (node) => (agent?.identity()?.node === node ? agent.link : null),
    joinToken: false,
    log,
  });
  try {
    agent = await createAgent({
      names,
      settings: {
        ...options,
        version: VERSION,
        heartbeatMs: HEARTBEAT_MS,
        retryCapMs: RETRY_CAP_MS,
      },
      // Signed like those of any other agent: the signature alone says who it is.
      transport: (request) => control.app.fetch(request, { kind: "anonymous" }),
      enrolToken: () => Promise.resolve(control.app.createEnrollToken()),
      clock: systemClock,
      steady,
      log,
    });
    await agent.run(signal);
  } finally {
    await control.close();
  }
  return 0;
}
