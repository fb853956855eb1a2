/** The keys of `x-skerry` that make a service a job that runs by the clock. */
import { cronFault, isTimeZone } from "../schedule/cron.ts";
import { fieldsOf, type Take, takeFrom } from "./fields.ts";
import { MAX_HISTORY } from "../model/schedule.ts";
import type { ComposeService } from "./model.ts";
import { type Place, type Problems, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import type { Dependency } from "./depends.ts";
import { describeNode } from "./scalars.ts";
import type { Entry, MapNode } from "./tree.ts";
import type { XSkerry } from "./x_skerry_model.ts";

/** Keys that mean nothing without a schedule. */
const OF_SCHEDULES = [
  "timeZone",
  "overlap",
  "missedRun",
  "startingDeadline",
  "timeout",
  "retries",
  "history",
  "suspend",
] as const;
const MAX_RETRIES = 100;

function readHistory(reading: Reading, map: MapNode): NonNullable<XSkerry["history"]> {
  const { problems, scalars } = reading;
  const history: NonNullable<XSkerry["history"]> = {};
  const take = takeFrom(fieldsOf(map, "services.*.x-skerry.history", problems), problems);
  for (const key of ["successful", "failed"] as const) {
    take(key, (node, label) => {
      const count = scalars.count(node, label);
      if (count === undefined || count <= MAX_HISTORY) return count;
      problems.report(
        node.at,
        "value",
        `${count} runs are too many to remember`,
        `write a number from 0 to ${MAX_HISTORY}`,
      );
      return undefined;
    }, (value) => history[key] = value);
  }
  return history;
}

/** Reads the keys of a schedule into `own`. */
export function readSchedule(
  reading: Reading,
  fields: ReadonlyMap<string, Entry>,
  take: Take,
  own: XSkerry,
): void {
  const { problems, scalars } = reading;
  take("schedule", (node, label) => {
    const cron = scalars.text(node, label);
    const fault = cron === undefined ? null : cronFault(cron);
    if (fault === null) return cron;
    problems.report(
      node.at,
      "schedule",
      `${quoted(cron ?? "")} is no schedule: ${fault}`,
      'write minute, hour, day, month and weekday, such as "0 3 * * *", or @daily',
    );
    return undefined;
  }, (value) => own.schedule = value);
  take("timeZone", (node, label) => {
    const zone = scalars.text(node, label);
    if (zone === undefined || isTimeZone(zone)) return zone;
    problems.report(
      node.at,
      "time-zone",
      `${quoted(zone)} is no time zone`,
      'write a name such as "Europe/Berlin" or "UTC"',
    );
    return undefined;
  }, (value) => own.timeZone = value);
  take(
    "overlap",
    scalars.oneOf(["skip", "replace", "allow"]),
    (value) => own.overlap = value,
  );
  take("missedRun", scalars.oneOf(["run-once", "skip"]), (value) => own.missedRun = value);
  for (const key of ["startingDeadline", "timeout"] as const) {
    take(key, (node, label) => {
      const duration = scalars.duration(node, label);
      if (duration !== "0s") return duration;
      problems.report(node.at, "value", `"${key}" cannot be 0`, "leave it out for no limit");
      return undefined;
    }, (value) => own[key] = value);
  }
  take("retries", (node, label) => {
    const retries = scalars.count(node, label);
    if (retries === undefined || retries <= MAX_RETRIES) return retries;
    problems.report(
      node.at,
      "value",
      `${retries} retries are too many`,
      `write a number from 0 to ${MAX_RETRIES}`,
    );
    return undefined;
  }, (value) => own.retries = value);
  take("history", (node, label) => {
    if (node.kind === "map") return readHistory(reading, node);
    problems.report(
      node.at,
      "type",
      `"${label}" is to be a mapping, this is ${describeNode(node)}`,
      "write {successful: 3, failed: 3}",
    );
    return undefined;
  }, (value) => own.history = value);
  take("suspend", scalars.boolean, (value) => own.suspend = value);
  if (own.startingDeadline !== undefined && own.missedRun === "skip") {
    problems.report(
      fields.get("startingDeadline")?.keyAt ?? start(fields),
      "schedule",
      '"startingDeadline" says how late a missed run is made up for, and "missedRun" says not at all',
      "leave one of them out",
    );
  }
  if (fields.has("schedule")) return;
  const alone = OF_SCHEDULES.find((key) => fields.has(key));
  if (alone === undefined) return;
  problems.report(
    fields.get(alone)?.keyAt ?? start(fields),
    "schedule",
    `"${alone}" is for services that run by the clock`,
    'write schedule: "0 3 * * *" beside it, or leave it out',
  );
}

function start(fields: ReadonlyMap<string, Entry>): Place {
  const [first] = fields.values();
  return first?.keyAt ?? { file: "", line: 1, column: 1 };
}

/** Reports what cannot go together with a schedule, where it is written. */
export function checkScheduled(
  service: ComposeService,
  placeOf: (key: string) => Place,
  problems: Problems,
): void {
  const own = service["x-skerry"];
  if (own?.schedule === undefined) return;
  const policy = service.deploy?.restart_policy?.condition;
  const kept = service.restart !== undefined && service.restart !== "no";
  if (kept || policy === "any" || policy === "on-failure") {
    problems.report(
      placeOf(kept ? "restart" : "deploy"),
      "schedule",
      "a service that runs by the clock is not kept running",
      "leave the restart policy out; x-skerry.retries says how often a failed run is tried again",
    );
  }
  if ((service.ports ?? []).length > 0) {
    problems.report(
      placeOf("ports"),
      "schedule",
      "no port can lead to a service that runs by the clock",
      "leave ports out, or schedule out",
    );
  }
  if ((own.routes ?? []).length > 0) {
    problems.report(
      placeOf("x-skerry"),
      "schedule",
      "no route can lead to a service that runs by the clock",
      "leave routes out, or schedule out",
    );
  }
  if ((service.deploy?.replicas ?? 1) !== 1) {
    problems.report(
      placeOf(service.scale === undefined ? "deploy" : "scale"),
      "schedule",
      "a run of a service that runs by the clock is one container",
      "leave the replicas out; x-skerry.suspend: true keeps it from running",
    );
  }
}

/** Reports services that wait for one that is not started with the project. */
export function checkScheduledDependencies(
  edges: readonly Dependency[],
  services: Readonly<Record<string, ComposeService>>,
  problems: Problems,
): void {
  for (const { service, on, at } of edges) {
    const awaited = Object.hasOwn(services, on) ? services[on] : undefined;
    if (awaited?.["x-skerry"]?.schedule === undefined) continue;
    problems.report(
      at,
      "schedule",
      `the service "${service}" would wait for ${quoted(on)}, which runs by the clock alone`,
      "leave this dependency out",
    );
  }
}
