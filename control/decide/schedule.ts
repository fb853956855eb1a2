/** When a job runs by the clock, as its spec says it. */
import type { ServicePlan } from "../../shared/api/release.ts";
import type { ComposeService } from "../../shared/compose/model.ts";
import { durationMs } from "../../shared/compose/duration.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import { nextTimes } from "../../shared/schedule/cron.ts";
import type { Situation } from "./situation.ts";
import { DEFAULT_HISTORY, type Schedule } from "../../shared/model/schedule.ts";

function limitOf(text: string | undefined): number | null {
  const ms = text === undefined ? null : durationMs(text);
  return ms === null || ms <= 0 ? null : ms;
}

/** Undefined: it does not run by the clock. */
export function scheduleOf(service: ComposeService): Schedule | undefined {
  const own = service["x-skerry"]?.schedule;
  if (own === undefined) return undefined;
  const missedWithinMs = limitOf(own.missed_within);
  const timeoutMs = limitOf(own.timeout);
  return {
    cron: own.cron.trim().replaceAll(/\s+/g, " "),
    ...(own.zone === undefined ? {} : { timeZone: own.zone }),
    overlap: own.overlap ?? "forbid",
    missed: own.missed ?? "run_once",
    ...(missedWithinMs === null ? {} : { missedWithinMs }),
    ...(timeoutMs === null ? {} : { timeoutMs }),
    retries: own.retries ?? 0,
    history: { ...DEFAULT_HISTORY, ...own.history },
    ...(own.suspended === true ? { suspended: true } : {}),
  };
}

/** How many of a job's next times a plan tells. */
const PLANNED_TIMES = 3;

/** For the plan. */
export function plannedTimes(
  spec: ServiceSpec | undefined,
  { node, now }: Pick<Situation, "node" | "now">,
): Pick<ServicePlan, "schedule"> {
  if (spec?.schedule === undefined) return {};
  const { cron, suspended, timeZone = node.timeZone } = spec.schedule;
  const times = suspended === true ? [] : nextTimes({ cron, timeZone }, now, PLANNED_TIMES);
  return { schedule: { cron, timeZone, times } };
}
