/** The jobs of a home over their real book, clocks and events. */
import { join } from "node:path";
import type { EventKeeper } from "../events/keeper.ts";
import type { DiskLoop } from "../loops/disk/loop.ts";
import { roomyJobs } from "../roomy.ts";
import { createJobs, type Jobs, type JobsDeps } from "./jobs.ts";
import { createJobStore } from "./store.ts";
import { machineUptime } from "./uptime.ts";

export interface HomeJobsDeps extends Omit<JobsDeps, "store" | "uptime" | "zone" | "tell"> {
  readonly agentDir: string;
  readonly disk: Pick<DiskLoop, "guarded">;
  readonly events: Pick<EventKeeper, "tell">;
}

/** The time zone of this machine. */
export function timeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function createHomeJobs(deps: HomeJobsDeps): Promise<Jobs> {
  return createJobs({
    ...deps,
    store: roomyJobs(createJobStore(join(deps.agentDir, "jobs.json"), deps.log), deps.disk),
    tell: ({ kind, message, subject }) => deps.events.tell(kind, message, subject),
    uptime: machineUptime,
    zone: timeZone,
  });
}
