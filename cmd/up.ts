/** `skerry up`: control plane and agent in one process; what lies between them is a function call. */
import type { Agent } from "../agent/agent.ts";
import { answerFromBefore } from "../agent/names_first.ts";
import { systemClock } from "../shared/clock.ts";
import { createRunCommand } from "../shared/command.ts";
import { lockHome } from "../shared/home_lock.ts";
import { createLog, type Log } from "../shared/log.ts";
import type { ControlServer } from "./control_server.ts";
import type { UpOptions } from "./flags.ts";
import { createSystemd } from "./boot/systemd.ts";
import { stderrSink } from "./log_sink.ts";
import { createBootClock } from "./steady_clock.ts";
import { VERSION } from "./version.ts";
import { NOBODY } from "../control/authz/caller.ts";

/** Without any change the agent reports after this; a call in the same process costs nothing. */
const HEARTBEAT_MS = 30_000;
const RETRY_CAP_MS = 60_000;
/** The control plane is loaded after this at the latest. */
const LOAD_AFTER_MS = 1_000;

/** Resolves with the exit code once the signal has ended it. */
export async function runUp(options: UpOptions, signal: AbortSignal): Promise<number> {
  const { layout } = options;
  const log = createLog(stderrSink(Deno.stderr.isTerminal()), options.logLevel);
  using _control = await lockHome(`${layout.lockFile}.control`);
  using _agent = await lockHome(`${layout.lockFile}.agent`);
  const steady = await createBootClock(layout.clockFile, systemClock);
  const names = await answerFromBefore({ layout, clock: steady, log });
  const control = Promise.withResolvers<ControlServer>();
  const ended = new AbortController();
  // Loaded only now: names are answered meanwhile.
  const { createAgent } = await import("../agent/agent.ts");
  const agent = await createAgent({
    names,
    settings: { ...options, version: VERSION, heartbeatMs: HEARTBEAT_MS, retryCapMs: RETRY_CAP_MS },
    // Signed like those of any other agent: the signature alone says who it is.
    transport: async (request) => await (await control.promise).app.fetch(request, NOBODY),
    enrolToken: async () => (await control.promise).app.createEnrollToken(),
    machineEnds: createSystemd(createRunCommand()).ending,
    clock: systemClock,
    steady,
    log,
  });
  // What is to run is known without a control plane: containers start while that one is loaded.
  const running = agent.run(AbortSignal.any([signal, ended.signal]));
  const starting = startControlPlane(options, agent, log);
  starting.then(control.resolve, control.reject);
  // Who asks for it hears of a failure; it ends this program in any case.
  control.promise.catch(() => undefined);
  try {
    await Promise.all([running, starting]);
  } finally {
    ended.abort();
    await Promise.allSettled([running]);
    const [started] = await Promise.allSettled([starting]);
    if (started?.status === "fulfilled") await started.value.close();
  }
  return 0;
}

async function startControlPlane(
  options: UpOptions,
  agent: Agent,
  log: Log,
): Promise<ControlServer> {
  // Loading it would hold up the first look; what hangs there must not keep people out.
  await Promise.race([agent.underWay, systemClock.sleep(LOAD_AFTER_MS)]);
  const { startControl } = await import("./control_server.ts");
  return await startControl({
    options,
    ingress: options,
    links: (node) => (agent.identity()?.node === node ? agent.link : null),
    joinToken: false,
    log,
  });
}
