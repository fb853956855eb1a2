/** `skerry control`: the control plane alone, on its unix socket. */
import { lockHome } from "../shared/home_lock.ts";
import { createLog } from "../shared/log.ts";
import { startControl } from "./control_server.ts";
import type { ControlOptions } from "./flags.ts";
import { stderrSink } from "./log_sink.ts";

/** No agent of this home tells where its ingress listens: the usual ports. */
const INGRESS = { httpPort: 80, httpsPort: 443 };

/** Resolves with the exit code once the signal has ended it. */
export async function runControl(options: ControlOptions, signal: AbortSignal): Promise<number> {
  const log = createLog(stderrSink(Deno.stderr.isTerminal()), options.logLevel);
  using _lock = await lockHome(`${options.layout.lockFile}.control`);
  const control = await startControl({
    options,
    ingress: INGRESS,
    links: () => null,
    joinToken: true,
    log,
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await control.close();
  return 0;
}
