/** Top-level `networks`, `volumes`, `secrets` and `configs`. */
import { readDriverOptions } from "./driver_options.ts";
import { readStrings } from "./environment.ts";
import { fieldsOf, type Read, type Take, takeFrom } from "./fields.ts";
import type { ComposeConfig, ComposeNetwork, ComposeSecret, ComposeVolume } from "./model.ts";
import { checkName } from "./names.ts";
import { hostPath } from "./paths.ts";
import { type Place, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import { isNull, type MapNode, type Node } from "./tree.ts";

/** What one such part is read from. */
interface Part {
  readonly key: string;
  readonly at: Place;
  readonly map: MapNode;
  readonly take: Take;
  /** `project_key`, or the key itself where it is external. */
  readonly name: string;
  readonly external: boolean;
}

const NOUNS = {
  networks: "network",
  volumes: "volume",
  secrets: "secret",
  configs: "config",
} as const;
type Kind = keyof typeof NOUNS;

function readExternal(reading: Reading): Read<boolean> {
  return (node, label) => {
    if (node.kind !== "map") return reading.scalars.boolean(node, label);
    reading.problems.report(
      node.at,
      "obsolete",
      '"external" with a name below it is obsolete',
      "write external: true and name: NAME beside it",
    );
    return undefined;
  };
}

function* partsOf(
  reading: Reading,
  project: string,
  kind: Kind,
  node: Node | undefined,
): Iterable<Part> {
  const { problems, scalars } = reading;
  if (node === undefined || isNull(node)) return;
  if (node.kind !== "map") {
    problems.report(
      node.at,
      "type",
      `"${kind}" is to be a mapping, this is ${describeNode(node)}`,
      "write each name as a key below it",
    );
    return;
  }
  for (const [key, { keyAt, value }] of node.entries) {
    if (!checkName(NOUNS[kind], key, keyAt, problems)) continue;
    if (value.kind === "list" || value.kind === "scalar" && !isNull(value)) {
      problems.report(
        value.at,
        "type",
        `${quoted(key)} is to be a mapping, this is ${describeNode(value)}`,
        "write its keys below it, or nothing",
      );
      continue;
    }
    const map: MapNode = value.kind === "map"
      ? value
      : { kind: "map", at: keyAt, entries: new Map() };
    const take = takeFrom(fieldsOf(map, `${kind}.*`, problems), problems);
    const external = take("external", readExternal(reading)) ?? false;
    const name = take("name", scalars.text) ?? (external ? key : `${project}_${key}`);
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}$/.test(name)) {
      problems.report(
        map.entries.get("name")?.value.at ?? keyAt,
        "name",
        `${quoted(name)} cannot be the name of a ${NOUNS[kind]}`,
        'write letters, digits, "-", "_" and dots',
      );
    }
    if (external) {
      for (const [other, entry] of map.entries) {
        if (other === "external" || other === "name" || other.startsWith("x-")) continue;
        // compose-go prints an empty one.
        const isEmpty = entry.value.kind === "map" && entry.value.entries.size === 0;
        if (other === "ipam" && isEmpty) continue;
        problems.report(
          entry.keyAt,
          "external",
          `"${other}" means nothing on what is external`,
          "leave it out, or leave out external",
        );
      }
    }
    yield { key, at: keyAt, map, take, name, external };
  }
}

/** Bridges and local volumes are what there is; another driver is reported. */
function readDriver<const V extends string>(reading: Reading, only: V): Read<V> {
  return (node, label) => {
    const driver = reading.scalars.text(node, label);
    if (driver === undefined || driver === only) return driver === undefined ? undefined : only;
    reading.problems.report(
      node.at,
      "not-carried-out",
      `the driver ${quoted(driver)} is not carried out yet`,
      `leave it out, or write ${only}`,
    );
    return undefined;
  };
}

function collect<V>(parts: Iterable<Part>, read: (part: Part) => V): Record<string, V> {
  const found: [string, V][] = [];
  for (const part of parts) found.push([part.key, read(part)]);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The networks that are written; `default` is added where a service uses it. */
export function readTopNetworks(
  reading: Reading,
  project: string,
  node: Node | undefined,
): Record<string, ComposeNetwork> {
  return collect(partsOf(reading, project, "networks", node), ({ name, external, take }) => {
    const network: ComposeNetwork = { name };
    if (external) network.external = true;
    take("internal", reading.scalars.boolean, (value) => {
      if (value) network.internal = true;
    });
    take("driver", readDriver(reading, "bridge"), (value) => network.driver = value);
    take("labels", readStrings(reading, () => ""), (value) => {
      if (Object.keys(value).length > 0) network.labels = value;
    });
    take("ipam", (ipam, label) => {
      if (ipam.kind === "map") fieldsOf(ipam, "networks.*.ipam", reading.problems);
      else {reading.problems.report(
          ipam.at,
          "type",
          `"${label}" is to be a mapping`,
          "leave it out",
        );}
      return undefined;
    });
    return network;
  });
}

export function readTopVolumes(
  reading: Reading,
  project: string,
  node: Node | undefined,
): Record<string, ComposeVolume> {
  return collect(partsOf(reading, project, "volumes", node), ({ name, external, take }) => {
    const volume: ComposeVolume = { name };
    if (external) volume.external = true;
    take("driver", readDriver(reading, "local"), (value) => volume.driver = value);
    take("driver_opts", readDriverOptions(reading), (value) => volume.driver_opts = value);
    take("labels", readStrings(reading, () => ""), (value) => {
      if (Object.keys(value).length > 0) volume.labels = value;
    });
    return volume;
  });
}

/** A path of the machine that reads, made absolute. */
function readPath(reading: Reading): Read<string> {
  return (node, label) => {
    const path = reading.scalars.text(node, label);
    return path === undefined ? undefined : hostPath(reading, path, node.at);
  };
}

function checkSources(reading: Reading, part: Part, kind: Kind, sources: readonly string[]): void {
  const given = sources.filter((key) => part.map.entries.has(key));
  if (part.external || given.length === 1) return;
  reading.problems.report(
    part.at,
    "source",
    given.length === 0
      ? `the ${NOUNS[kind]} "${part.key}" says not where its content is`
      : `the ${NOUNS[kind]} "${part.key}" has ${given.join(" and ")}`,
    given.length === 0
      ? `write one of ${sources.join(", ")}, or external: true ` +
        "and set it with `skerry secret set`"
      : "keep one of them",
  );
}

export function readTopSecrets(
  reading: Reading,
  project: string,
  node: Node | undefined,
): Record<string, ComposeSecret> {
  const { scalars } = reading;
  return collect(partsOf(reading, project, "secrets", node), (part) => {
    checkSources(reading, part, "secrets", ["file", "environment"]);
    const secret: ComposeSecret = { name: part.name };
    if (part.external) secret.external = true;
    part.take("file", readPath(reading), (value) => secret.file = value);
    part.take("environment", scalars.text, (value) => secret.environment = value);
    return secret;
  });
}

export function readTopConfigs(
  reading: Reading,
  project: string,
  node: Node | undefined,
): Record<string, ComposeConfig> {
  const { scalars } = reading;
  return collect(partsOf(reading, project, "configs", node), (part) => {
    checkSources(reading, part, "configs", ["file", "content", "environment"]);
    const config: ComposeConfig = { name: part.name };
    if (part.external) config.external = true;
    part.take("file", readPath(reading), (value) => config.file = value);
    part.take("content", scalars.text, (value) => config.content = value);
    part.take("environment", scalars.text, (value) => config.environment = value);
    return config;
  });
}
