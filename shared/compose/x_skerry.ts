/** `x-skerry` of a service: routes, checks by HTTP or TCP, drain, schedules. */
import { isIPv4 } from "node:net";
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import { type Place, type Problems, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { MapNode, Node } from "./tree.ts";
import { readSchedule } from "./x_schedule.ts";
import type { XSkerry, XSkerryHealth, XSkerryRoute } from "./x_skerry_model.ts";

/** A route and where it stands, to find two that clash. */
export interface RouteUse {
  readonly at: Place;
  readonly service: string;
  readonly route: XSkerryRoute;
}

const HOST =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@/-]*$/;

function urlPath(reading: Reading): Read<string> {
  return (node, label) => {
    const text = reading.scalars.text(node, label);
    if (text === undefined) return undefined;
    if (PATH.test(text) && !text.split("/").some((part) => part === ".." || part === ".")) {
      return text;
    }
    reading.problems.report(
      node.at,
      "route",
      `${quoted(text)} cannot be a path`,
      'write a path that begins with "/", without "..", "%" and spaces',
    );
    return undefined;
  };
}

function readRoute(reading: Reading, map: MapNode): XSkerryRoute | undefined {
  const { problems, scalars } = reading;
  const before = problems.count();
  const route: XSkerryRoute = { path: "/", port: 0, tls: "both" };
  const take = takeFrom(fieldsOf(map, "services.*.x-skerry.routes[]", problems), problems);
  take("host", (node, label) => {
    const host = scalars.text(node, label)?.toLowerCase();
    if (host === undefined || HOST.test(host)) return host;
    problems.report(
      node.at,
      "route",
      `${quoted(host)} is no host name`,
      'write a name such as "shop.example.com", or leave it out for any',
    );
    return undefined;
  }, (value) => route.host = value);
  take("path", urlPath(reading), (value) => route.path = value);
  take("port", scalars.port, (value) => route.port = value);
  take("tls", (node, label) => {
    if (node.kind === "scalar" && node.value === true) return "both";
    if (node.kind === "scalar" && node.value === false) return "off";
    return scalars.oneOf(["both", "redirect", "off"])(node, label);
  }, (value) => route.tls = value);
  if (!map.entries.has("port")) {
    problems.report(
      map.at,
      "missing-key",
      'this route has no "port"',
      "write the container's port",
    );
  }
  return problems.count() === before ? route : undefined;
}

function readHealth(
  reading: Reading,
  map: MapNode,
  defaultPort: number | undefined,
): XSkerryHealth {
  const { problems, scalars } = reading;
  const health: XSkerryHealth = {};
  const take = takeFrom(fieldsOf(map, "services.*.x-skerry.health", problems), problems);
  take("http", urlPath(reading), (value) => health.http = value);
  take("tcp", (node, label) => {
    if (node.kind === "scalar" && typeof node.value === "number") {
      const port = scalars.port(node, label);
      if (port !== undefined) health.port = port;
      return port !== undefined;
    }
    return scalars.boolean(node, label);
  }, (value) => {
    if (value) health.tcp = true;
  });
  take("port", scalars.port, (value) => health.port = value);
  take("interval", scalars.duration, (value) => health.interval = value);
  take("timeout", scalars.duration, (value) => health.timeout = value);
  take("retries", (node, label) => {
    const value = scalars.count(node, label);
    if (value !== 0) return value;
    problems.report(node.at, "value", '"retries" cannot be 0', "write 1 or more");
    return undefined;
  }, (value) => health.retries = value);
  take("start_period", scalars.duration, (value) => health.start_period = value);
  take("deadline", scalars.duration, (value) => health.deadline = value);
  const checks = health.http !== undefined || health.tcp === true;
  if (health.http !== undefined && health.tcp === true) {
    problems.report(
      map.at,
      "health",
      'a check is by "http" or by "tcp", not both',
      "keep one of them",
    );
  }
  if (checks && health.port === undefined) {
    if (defaultPort !== undefined) health.port = defaultPort;
    else problems.report(map.at, "health", "this check has no port", "write port: PORT");
  }
  const written = ["http", "tcp"].some((key) => map.entries.has(key));
  if (!written && [...map.entries.keys()].some((key) => key !== "deadline")) {
    problems.report(
      map.at,
      "health",
      "this check says not what to ask",
      "write http: /path or tcp: true",
    );
  }
  return health;
}

function readAllow(reading: Reading): Read<string[]> {
  return (node, label) => {
    const texts = reading.scalars.texts(node, label);
    return texts?.filter((text) => {
      const [address = "", bits = "32", more] = text.split("/");
      if (isIPv4(address) && more === undefined && /^\d{1,2}$/.test(bits) && Number(bits) <= 32) {
        return true;
      }
      reading.problems.report(
        node.at,
        "allow",
        `${quoted(text)} is no IPv4 range`,
        'write an address or a range such as "10.0.0.0/8"',
      );
      return false;
    }).map((text) => (text.includes("/") ? text : `${text}/32`));
  };
}

/** `x-skerry` with defaults filled in; its routes are added to `uses`. */
export function readXSkerry(
  reading: Reading,
  service: string,
  uses: RouteUse[],
): Read<XSkerry> {
  const { problems, scalars } = reading;
  return (node, label) => {
    if (node.kind !== "map") {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a mapping, this is ${describeNode(node)}`,
        "write routes, health or drain below it",
      );
      return undefined;
    }
    const own: XSkerry = {};
    const take = takeFrom(fieldsOf(node, "services.*.x-skerry", problems), problems);
    take("routes", (list, key) => {
      if (list.kind === "list") return list.items;
      problems.report(
        list.at,
        "type",
        `"${key}" is to be a list`,
        "write - {host: NAME, port: PORT}",
      );
      return undefined;
    }, (items: readonly Node[]) => {
      own.routes = [];
      for (const item of items) {
        if (item.kind !== "map") {
          problems.report(
            item.at,
            "type",
            `${describeNode(item)} is no route`,
            "write {host: NAME, port: PORT}",
          );
          continue;
        }
        const route = readRoute(reading, item);
        if (route === undefined) continue;
        own.routes.push(route);
        uses.push({ at: item.at, service, route });
      }
    });
    take("health", (map, key) => {
      if (map.kind === "map") return readHealth(reading, map, own.routes?.[0]?.port);
      problems.report(
        map.at,
        "type",
        `"${key}" is to be a mapping`,
        "write http: /path or tcp: true below it",
      );
      return undefined;
    }, (value) => own.health = value);
    take("drain", scalars.duration, (value) => own.drain = value);
    take("allow", readAllow(reading), (value) => own.allow = value);
    take("env_secrets", scalars.boolean, (value) => own.env_secrets = value);
    take("schedule", readSchedule(reading), (value) => own.schedule = value);
    return own;
  };
}

/** Reports two routes that answer to the same host and path. */
export function checkRoutes(uses: readonly RouteUse[], problems: Problems): void {
  const seen = new Map<string, RouteUse>();
  for (const use of uses) {
    const key = `${use.route.host ?? "*"} ${use.route.path}`;
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, use);
      continue;
    }
    problems.report(
      use.at,
      "route-clash",
      `${
        quoted((use.route.host ?? "any host") + use.route.path)
      } already leads to "${before.service}" (line ${before.at.line})`,
      "give one of them another host or path",
    );
  }
}
