/** What a service may use of the host: the old keys beside `deploy.resources`. */
import type { Read, Take } from "./fields.ts";
import type { ComposeService } from "./model.ts";
import { type Place, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import type { Entry } from "./tree.ts";

/** A size, or -1 for as much as there is. */
function sizeOrUnlimited(reading: Reading): Read<string> {
  return (node, label) =>
    node.kind === "scalar" && String(node.value) === "-1"
      ? "-1"
      : reading.scalars.bytes(node, label);
}

/** Microseconds of the processor, a number. */
function microseconds(reading: Reading): Read<number> {
  return (node, label) => {
    const value = reading.scalars.integer(node, label);
    if (value === undefined || value === -1 || value >= 1_000 && value <= 1_000_000) return value;
    reading.problems.report(
      node.at,
      "value",
      `"${label}" cannot be ${value}`,
      "write microseconds from 1000 to 1000000",
    );
    return undefined;
  };
}

/** Puts the old limits into the service. */
export function readLimits(reading: Reading, take: Take, service: ComposeService): void {
  const { scalars, problems } = reading;
  take("cpus", (node, label) => {
    const value = scalars.number(node, label);
    if (value === undefined || value >= 0) return value;
    problems.report(node.at, "value", `"${label}" cannot be ${value}`, "write a number above 0");
    return undefined;
  }, (value) => {
    if (value > 0) service.cpus = value;
  });
  take("cpu_shares", scalars.count, (value) => {
    if (value > 0) service.cpu_shares = value;
  });
  take("cpu_quota", microseconds(reading), (value) => service.cpu_quota = value);
  take("cpu_period", microseconds(reading), (value) => service.cpu_period = value);
  take(
    "cpuset",
    scalars.matching(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'write processors such as "0,1" or "0-3"'),
    (value) => service.cpuset = value,
  );
  take("mem_limit", scalars.bytes, (value) => {
    if (value !== "0") service.mem_limit = value;
  });
  take("mem_reservation", scalars.bytes, (value) => {
    if (value !== "0") service.mem_reservation = value;
  });
  take("memswap_limit", sizeOrUnlimited(reading), (value) => {
    if (value !== "0") service.memswap_limit = value;
  });
  take("pids_limit", scalars.integer, (value) => {
    if (value !== 0) service.pids_limit = value;
  });
  take("oom_score_adj", (node, label) => {
    const value = scalars.integer(node, label);
    if (value === undefined || value >= -1000 && value <= 1000) return value;
    problems.report(node.at, "value", `"${label}" cannot be ${value}`, "write -1000 to 1000");
    return undefined;
  }, (value) => {
    if (value !== 0) service.oom_score_adj = value;
  });
  take("shm_size", scalars.bytes, (value) => {
    if (value !== "0") service.shm_size = value;
  });
}

/** Reports a limit that is written twice with two values, as Compose does. */
export function checkLimits(
  reading: Reading,
  service: ComposeService,
  fields: ReadonlyMap<string, Entry>,
): void {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const pairs = [
    ["cpus", service.cpus, limits?.cpus, "limits.cpus"],
    ["mem_limit", service.mem_limit, limits?.memory, "limits.memory"],
    ["mem_reservation", service.mem_reservation, reservations?.memory, "reservations.memory"],
    ["pids_limit", service.pids_limit, limits?.pids, "limits.pids"],
  ] as const;
  for (const [key, old, now, path] of pairs) {
    const at = fields.get(key)?.keyAt;
    if (at === undefined || old === undefined || now === undefined || old === now) continue;
    reportTwo(reading, at, key, String(old), path, String(now));
  }
  const { mem_limit, mem_reservation, memswap_limit } = service;
  const at = fields.get("mem_reservation")?.keyAt;
  if (
    at !== undefined && mem_limit !== undefined && mem_reservation !== undefined &&
    Number(mem_reservation) > Number(mem_limit)
  ) {
    reading.problems.report(
      at,
      "value",
      `more memory is reserved (${mem_reservation}) than allowed (${mem_limit})`,
      "raise mem_limit or lower mem_reservation",
    );
  }
  const swapAt = fields.get("memswap_limit")?.keyAt;
  if (swapAt === undefined || memswap_limit === undefined || memswap_limit === "-1") return;
  const memory = mem_limit ?? limits?.memory;
  if (memory === undefined || Number(memswap_limit) < Number(memory)) {
    reading.problems.report(
      swapAt,
      "value",
      memory === undefined
        ? '"memswap_limit" counts memory and swap together and needs "mem_limit" beside it'
        : `"memswap_limit" (${memswap_limit}) counts memory and swap together and is below the ` +
          `memory (${memory})`,
      'write a larger one, or leave out "memswap_limit"',
    );
  }
}

function reportTwo(
  reading: Reading,
  at: Place,
  key: string,
  old: string,
  path: string,
  now: string,
): void {
  reading.problems.report(
    at,
    "value",
    `"${key}" is ${quoted(old)}, but deploy.resources.${path} is ${quoted(now)}`,
    "keep one of them",
  );
}
