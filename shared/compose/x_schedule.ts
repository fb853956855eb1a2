/** `x-skerry.schedule`, which makes a service a job that runs by the clock. */
import { MAX_HISTORY, MissedRun, Overlap } from "../model/schedule.ts";
import { cronFault, isTimeZone } from "../schedule/cron.ts";
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeService } from "./model.ts";
import { type Place, type Problems, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import type { Dependency } from "./depends.ts";
import { describeNode } from "./scalars.ts";
import type { XSkerrySchedule } from "./x_skerry_model.ts";

const MAX_RETRIES = 100;

function cronText(reading: Reading): Read<string> {
  return (node, label) => {
    const cron = reading.scalars.text(node, label);
    const fault = cron === undefined ? null : cronFault(cron);
    if (fault === null) return cron;
    reading.problems.report(
      node.at,
      "schedule",
      `${quoted(cron ?? "")} is no schedule: ${fault}`,
      'write minute, hour, day, month and weekday, such as "0 3 * * *", or @daily',
    );
    return undefined;
  };
}

/** A number that is not more than so many; `what` says of what they are too many. */
function atMost(reading: Reading, most: number, what: string): Read<number> {
  return (node, label) => {
    const count = reading.scalars.count(node, label);
    if (count === undefined || count <= most) return count;
    const message = `${count} ${what}`;
    reading.problems.report(node.at, "value", message, `write a number from 0 to ${most}`);
    return undefined;
  };
}

function readHistory(reading: Reading): Read<NonNullable<XSkerrySchedule["history"]>> {
  const { problems } = reading;
  const runs = atMost(reading, MAX_HISTORY, "runs are too many to remember");
  return (node, label) => {
    if (node.kind === "scalar" && typeof node.value === "number") {
      const count = runs(node, label);
      return count === undefined ? undefined : { successful: count, failed: count };
    }
    if (node.kind !== "map") {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a number or a mapping, this is ${describeNode(node)}`,
        "write how many runs, or {successful: 3, failed: 3}",
      );
      return undefined;
    }
    const history: NonNullable<XSkerrySchedule["history"]> = {};
    const fields = fieldsOf(node, "services.*.x-skerry.schedule.history", problems);
    const take = takeFrom(fields, problems);
    take("successful", runs, (value) => history.successful = value);
    take("failed", runs, (value) => history.failed = value);
    return history;
  };
}

function timeSpan(reading: Reading): Read<string> {
  return (node, label) => {
    const duration = reading.scalars.duration(node, label);
    if (duration !== "0s") return duration;
    reading.problems.report(
      node.at,
      "value",
      `"${label}" cannot be 0`,
      "leave it out for no limit",
    );
    return undefined;
  };
}

/** A schedule: the text of cron, or a mapping with it and its rules. */
export function readSchedule(reading: Reading): Read<XSkerrySchedule> {
  const { problems, scalars } = reading;
  return (node, label) => {
    if (node.kind !== "map") {
      const cron = cronText(reading)(node, label);
      return cron === undefined ? undefined : { cron };
    }
    const fields = fieldsOf(node, "services.*.x-skerry.schedule", problems);
    const take = takeFrom(fields, problems);
    const rules: Omit<XSkerrySchedule, "cron"> = {};
    const cron = take("cron", cronText(reading));
    take("zone", (each, key) => {
      const zone = scalars.text(each, key);
      if (zone === undefined || isTimeZone(zone)) return zone;
      problems.report(
        each.at,
        "time-zone",
        `${quoted(zone)} is no time zone`,
        'write a name such as "Europe/Berlin" or "UTC"',
      );
      return undefined;
    }, (value) => rules.zone = value);
    take("overlap", scalars.oneOf(Overlap.options), (value) => rules.overlap = value);
    take("missed", scalars.oneOf(MissedRun.options), (value) => rules.missed = value);
    take("missed_within", timeSpan(reading), (value) => rules.missed_within = value);
    take("timeout", timeSpan(reading), (value) => rules.timeout = value);
    const retries = atMost(reading, MAX_RETRIES, "retries are too many");
    take("retries", retries, (value) => rules.retries = value);
    take("history", readHistory(reading), (value) => rules.history = value);
    take("suspended", scalars.boolean, (value) => rules.suspended = value);
    if (rules.missed_within !== undefined && rules.missed === "skip") {
      problems.report(
        fields.get("missed_within")?.keyAt ?? node.at,
        "schedule",
        '"missed_within" says how late a missed run is made up for, and "missed" says not at all',
        "leave one of them out",
      );
    }
    if (!fields.has("cron")) {
      problems.report(
        node.at,
        "missing-key",
        'this schedule has no "cron"',
        'write cron: "0 3 * * *"',
      );
    }
    return cron === undefined ? undefined : { cron, ...rules };
  };
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
      "leave the restart policy out; x-skerry.schedule.retries says how often a failed run is tried again",
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
      "leave the replicas out; x-skerry.schedule.suspended: true keeps it from running",
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
