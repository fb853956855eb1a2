/** `deploy` (replicas and resources) and `scale` of a service. */
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import { readGpus } from "./gpus.ts";
import type { ComposeDeploy } from "./model.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { MapNode, Node } from "./tree.ts";

type Resources = NonNullable<ComposeDeploy["resources"]>;

function mapping(reading: Reading): (node: Node, label: string) => MapNode | undefined {
  return (node, label) => {
    if (node.kind === "map") return node;
    reading.problems.report(
      node.at,
      "type",
      `"${label}" is to be a mapping, this is ${describeNode(node)}`,
      "write its keys below it",
    );
    return undefined;
  };
}

function readResources(reading: Reading, map: MapNode): Resources {
  const { problems, scalars } = reading;
  const path = "services.*.deploy.resources";
  const resources: Resources = {};
  const take = takeFrom(fieldsOf(map, path, problems), problems);
  const cpus: Read<number> = (node, label) => {
    const value = scalars.number(node, label);
    // Compose keeps 32 bits of it; 0 is no limit.
    if (value === undefined || value >= 0) return value;
    problems.report(node.at, "value", `"${label}" cannot be ${value}`, "write a number above 0");
    return undefined;
  };
  const memory: Read<string> = (node, label) => {
    const size = scalars.bytes(node, label);
    if (size === undefined || node.kind !== "scalar" || typeof node.value === "string") return size;
    scalars.text(node, label);
    return undefined;
  };
  take("limits", mapping(reading), (node) => {
    const limits: NonNullable<Resources["limits"]> = {};
    const inner = takeFrom(fieldsOf(node, `${path}.limits`, problems), problems);
    inner("cpus", cpus, (value) => limits.cpus = value);
    inner("memory", memory, (value) => limits.memory = value);
    inner("pids", scalars.count, (value) => limits.pids = value);
    resources.limits = limits;
  });
  take("reservations", mapping(reading), (node) => {
    const reservations: NonNullable<Resources["reservations"]> = {};
    const inner = takeFrom(fieldsOf(node, `${path}.reservations`, problems), problems);
    inner("cpus", cpus, (value) => reservations.cpus = value);
    inner("memory", memory, (value) => reservations.memory = value);
    inner("devices", readGpus(reading, `${path}.reservations.devices`), (value) => {
      if (value.length > 0) reservations.devices = value;
    });
    resources.reservations = reservations;
  });
  const { limits, reservations } = resources;
  if (limits?.memory !== undefined && reservations?.memory !== undefined) {
    if (Number(reservations.memory) > Number(limits.memory) && Number(limits.memory) > 0) {
      problems.report(
        map.at,
        "value",
        `more memory is reserved (${reservations.memory}) than allowed (${limits.memory})`,
        "raise limits.memory or lower reservations.memory",
      );
    }
  }
  return resources;
}

/** `deploy` without what `scale` adds. */
export function readDeploy(reading: Reading): Read<ComposeDeploy> {
  const { problems, scalars } = reading;
  return (node, label) => {
    const map = mapping(reading)(node, label);
    if (map === undefined) return undefined;
    const deploy: ComposeDeploy = {};
    const take = takeFrom(fieldsOf(map, "services.*.deploy", problems), problems);
    take("mode", (at, key) => {
      const mode = scalars.text(at, key);
      if (mode === undefined || mode === "replicated") return mode;
      problems.report(
        at.at,
        "not-carried-out",
        `the mode ${quoted(mode)} is not carried out yet`,
        "leave it out and write replicas",
      );
      return undefined;
    }, (mode) => deploy.mode = mode);
    take("replicas", scalars.count, (value) => deploy.replicas = value);
    take("resources", mapping(reading), (value) => {
      deploy.resources = readResources(reading, value);
    });
    take("placement", mapping(reading), (value) => {
      fieldsOf(value, "services.*.deploy.placement", problems);
    });
    take("endpoint_mode", scalars.oneOf(["vip", "dnsrr"]), (value) => {
      deploy.endpoint_mode = value;
    });
    take("restart_policy", mapping(reading), (value) => {
      const path = "services.*.deploy.restart_policy";
      const inner = takeFrom(fieldsOf(value, path, problems), problems);
      const policy: NonNullable<ComposeDeploy["restart_policy"]> = {};
      inner("condition", scalars.oneOf(["none", "on-failure", "any"]), (condition) => {
        policy.condition = condition;
      });
      inner("max_attempts", scalars.count, (attempts) => policy.max_attempts = attempts);
      deploy.restart_policy = policy;
    });
    take("update_config", mapping(reading), (value) => {
      const path = "services.*.deploy.update_config";
      const inner = takeFrom(fieldsOf(value, path, problems), problems);
      const config: NonNullable<ComposeDeploy["update_config"]> = {};
      inner("order", scalars.oneOf(["start-first", "stop-first"]), (order) => {
        config.order = order;
      });
      deploy.update_config = config;
    });
    return deploy;
  };
}

/** `deploy.replicas` also says what `scale` says; two numbers are a fault. */
export function withScale(
  reading: Reading,
  deploy: ComposeDeploy | undefined,
  scale: number | undefined,
  node: Node | undefined,
): ComposeDeploy | undefined {
  if (scale === undefined) return deploy;
  if (deploy?.replicas !== undefined && deploy.replicas !== scale && node !== undefined) {
    reading.problems.report(
      node.at,
      "value",
      `"scale" is ${scale}, but deploy.replicas is ${deploy.replicas}`,
      "keep one of them",
    );
  }
  return { ...deploy, replicas: scale };
}
