/** `depends_on`: who waits for whom, and that nobody waits for himself. */
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeDependency, ComposeService } from "./model.ts";
import { namesAsMap, startedDependency } from "./pairs.ts";
import { type Place, type Problems, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { nearest } from "./suggest.ts";
import { volumeSources } from "./volumes_from.ts";

/** One edge, where it is written. */
export interface Dependency {
  readonly service: string;
  readonly on: string;
  readonly at: Place;
}

const CONDITIONS = [
  "service_started",
  "service_healthy",
  "service_completed_successfully",
] as const;

/** A service's dependencies in the long form; each one is also added to `edges`. */
export function readDependsOn(
  reading: Reading,
  service: string,
  edges: Dependency[],
): Read<Record<string, ComposeDependency>> {
  const { problems, scalars } = reading;
  return (node, label) => {
    const map = namesAsMap(node, startedDependency);
    if (map === null) {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a list of services or a mapping`,
        "write a list: - SERVICE",
      );
      return undefined;
    }
    const found: [string, ComposeDependency][] = [];
    for (const [on, { keyAt, value }] of map.entries) {
      edges.push({ service, on, at: keyAt });
      if (value.kind !== "map" || !value.entries.has("condition")) {
        problems.report(
          keyAt,
          "missing-key",
          `the dependency on ${quoted(on)} has no condition`,
          `write condition: ${CONDITIONS[0]}`,
        );
        continue;
      }
      const dependency: ComposeDependency = { condition: "service_started", required: true };
      const take = takeFrom(fieldsOf(value, "services.*.depends_on.*", problems), problems);
      take("condition", scalars.oneOf(CONDITIONS), (given) => dependency.condition = given);
      take("required", scalars.boolean, (given) => dependency.required = given);
      take("restart", scalars.boolean, (given) => {
        if (given) dependency.restart = true;
      });
      found.push([on, dependency]);
    }
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
}

/** What a service waits for as well, as in Compose: whom it links to, and whose volumes or network it has. */
export function impliedDependencies(
  name: string,
  service: ComposeService,
  placeOf: (key: string) => Place,
  edges: Dependency[],
): void {
  const implied = new Map<string, ComposeDependency>();
  const places = new Map<string, Place>();
  for (const { service: on } of volumeSources(service.volumes_from)) {
    implied.set(on, { condition: "service_started", required: true });
    places.set(on, placeOf("volumes_from"));
  }
  for (const link of service.links ?? []) {
    const on = link.split(":")[0] ?? link;
    implied.set(on, { condition: "service_started", required: true, restart: true });
    places.set(on, placeOf("links"));
  }
  const missing = [...implied].filter(([on]) => !Object.hasOwn(service.depends_on ?? {}, on));
  if (missing.length === 0) return;
  for (const [on] of missing) edges.push({ service: name, on, at: places.get(on) ?? placeOf("") });
  const all = [...Object.entries(service.depends_on ?? {}), ...missing];
  service.depends_on = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** It waits for whom it shares a namespace with, unless it says itself how it waits. */
export function impliedDependency(
  name: string,
  service: ComposeService,
  on: string,
  at: Place,
  edges: Dependency[],
): void {
  const known = service.depends_on ?? {};
  if (Object.hasOwn(known, on)) return;
  edges.push({ service: name, on, at });
  const added: ComposeDependency = {
    condition: "service_started",
    required: true,
    restart: true,
  };
  const all: [string, ComposeDependency][] = [...Object.entries(known), [on, added]];
  service.depends_on = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reports dependencies on services that do not exist, and circles. */
export function checkDependencies(
  edges: readonly Dependency[],
  services: ReadonlySet<string>,
  problems: Problems,
): void {
  const next = new Map<string, Dependency[]>();
  for (const edge of edges) {
    if (!services.has(edge.on)) {
      const guess = nearest(edge.on, [...services].filter((name) => name !== edge.service));
      problems.report(
        edge.at,
        "unknown-service",
        `the service "${edge.service}" depends on ${quoted(edge.on)}, which does not exist`,
        guess === null ? "name a service of these files" : `did you mean "${guess}"?`,
      );
      continue;
    }
    const list = next.get(edge.service) ?? [];
    list.push(edge);
    next.set(edge.service, list);
  }
  const done = new Set<string>();
  for (const service of services) walk(service, next, done, problems);
}

/** Depth first without recursion: a file may chain a thousand services. */
function walk(
  start: string,
  next: ReadonlyMap<string, Dependency[]>,
  done: Set<string>,
  problems: Problems,
): void {
  if (done.has(start)) return;
  const path: { service: string; index: number }[] = [{ service: start, index: 0 }];
  const open = new Set([start]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const edge = next.get(top.service)?.[top.index++];
    if (edge === undefined) {
      open.delete(top.service);
      done.add(top.service);
      path.pop();
    } else if (open.has(edge.on)) {
      const names = path.map((step) => step.service);
      const circle = [...names.slice(names.indexOf(edge.on)), edge.on].map((name) => `"${name}"`);
      problems.report(
        edge.at,
        "dependency-cycle",
        `these services wait for each other: ${circle.join(" → ")}`,
        "remove one of these dependencies",
      );
    } else if (!done.has(edge.on)) {
      open.add(edge.on);
      path.push({ service: edge.on, index: 0 });
    }
  }
}
