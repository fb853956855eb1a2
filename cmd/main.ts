/**
 * The program. The daemons are imported when they are asked for, so that a short command does not
 * load them. Nothing else calls Deno.exit.
 */
import { resolve } from "node:path";
import { processHost } from "./host.ts";
import { runProgram } from "./program.ts";

/** `deno task` changes into the sources' folder and keeps the caller's in INIT_CWD. */
function enterCallersFolder(): void {
  const caller = Deno.env.get("INIT_CWD");
  const sources = import.meta.dirname;
  if (caller === undefined || sources === undefined) return;
  if (Deno.cwd() === resolve(sources, "..")) Deno.chdir(caller);
}

enterCallersFolder();
const interrupted = new AbortController();
const interrupt = (code: number) => () => {
  // The second one means it.
  if (interrupted.signal.aborted) Deno.exit(code);
  interrupted.abort();
};
Deno.addSignalListener("SIGINT", interrupt(130));
Deno.addSignalListener("SIGTERM", interrupt(143));

Deno.exit(
  await runProgram(Deno.args, processHost(interrupted.signal), {
    up: async (options, signal) => (await import("./up.ts")).runUp(options, signal),
    control: async (options, signal) => (await import("./control.ts")).runControl(options, signal),
    agent: async (options, signal) => (await import("./agent.ts")).runAgent(options, signal),
  }),
);
