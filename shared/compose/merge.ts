/**
 * Several compose files into one tree, by the Compose Specification's rules: mappings by key,
 * lists appended, `command`, `entrypoint` and a check's `test` replaced, `NAME=value` lists by name.
 * What identifies a port, a mount or a secret is settled when those are read.
 */
import { childPath } from "./key_path.ts";
import { namesAsMap, pairsOf, startedDependency } from "./pairs.ts";
import type { Problems } from "./problem.ts";
import {
  type Entry,
  isNull,
  type ListNode,
  type MapNode,
  type Node,
  nullNode,
  textNode,
  valueKey,
} from "./tree.ts";

const REPLACED: ReadonlySet<string> = new Set([
  "services.*.command",
  "services.*.entrypoint",
  "services.*.healthcheck.test",
]);
const PAIRS: ReadonlySet<string> = new Set([
  "networks.*.labels",
  "volumes.*.labels",
  "services.*.annotations",
  "services.*.build.args",
  "services.*.environment",
  "services.*.labels",
  "services.*.sysctls",
  "services.*.deploy.labels",
]);
/** Compose writes these as lists of texts before it appends. */
const SEQUENCES: ReadonlySet<string> = new Set([
  "services.*.dns",
  "services.*.dns_opt",
  "services.*.dns_search",
  "services.*.env_file",
  "services.*.extra_hosts",
  "services.*.tmpfs",
]);

function sequenceOf(node: Node): ListNode {
  if (node.kind === "list") return node;
  if (node.kind === "scalar") {
    return { kind: "list", at: node.at, items: isNull(node) ? [] : [node] };
  }
  const items: Node[] = [];
  for (const [key, { value }] of node.entries) {
    for (const one of value.kind === "list" ? value.items : [value]) {
      items.push(textNode(one.at, one.kind === "scalar" ? `${key}=${one.text}` : key));
    }
  }
  return { kind: "list", at: node.at, items };
}

function appended(base: ListNode, over: ListNode): ListNode {
  const items = [...base.items];
  const seen = new Set(items.map(valueKey));
  for (const item of over.items) {
    const key = valueKey(item);
    if (!seen.has(key)) items.push(item);
    seen.add(key);
  }
  return { kind: "list", at: base.at, items };
}

function buildOf(node: Node): Node {
  if (node.kind !== "scalar" || typeof node.value !== "string") return node;
  const entries = new Map([["context", { keyAt: node.at, value: node }]]);
  return { kind: "map", at: node.at, entries };
}

function prepared(node: Node, path: string, problems: Problems): Node {
  if (PAIRS.has(path)) return pairsOf(node, problems) ?? node;
  if (SEQUENCES.has(path)) return sequenceOf(node);
  switch (path) {
    case "services.*.build":
      return buildOf(node);
    case "services.*.depends_on":
      return namesAsMap(node, startedDependency) ?? node;
    case "services.*.networks":
      return namesAsMap(node, (name) => nullNode(name.at)) ?? node;
    default:
      return node;
  }
}

function mergeNodes(baseNode: Node, overNode: Node, path: string, problems: Problems): Node {
  if (REPLACED.has(path)) return overNode;
  if (isNull(overNode)) return baseNode;
  if (isNull(baseNode)) return overNode;
  const base = prepared(baseNode, path, problems);
  const over = prepared(overNode, path, problems);
  if (path === "services.*.ulimits.*" && base.kind !== over.kind) return over;
  if (base.kind === "scalar" && over.kind === "scalar") return over;
  if (base.kind === "list" && over.kind === "list") return appended(base, over);
  if (base.kind === "map" && over.kind === "map") {
    if (!PAIRS.has(path)) return mergeMaps(base, over, path, problems);
    const pairs = new Map(base.entries);
    for (const [name, entry] of over.entries) {
      if (entry.how === "remove") pairs.delete(name);
      else pairs.set(name, entry);
    }
    return { kind: "map", at: base.at, entries: pairs };
  }
  const kinds = { scalar: "a single value", list: "a list", map: "a mapping" };
  problems.report(
    over.at,
    "merge",
    `this is ${kinds[over.kind]}, but the file before has ${
      kinds[base.kind]
    } here (${base.at.file}:${base.at.line})`,
    "write both in the same form",
  );
  return base;
}

function mergeMaps(base: MapNode, over: MapNode, path: string, problems: Problems): MapNode {
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of over.entries) {
    const before = entries.get(key);
    if (entry.how === "remove") {
      entries.delete(key);
      continue;
    }
    entries.set(
      key,
      before === undefined || entry.how === "replace" ? entry : {
        keyAt: entry.keyAt,
        value: mergeNodes(before.value, entry.value, childPath(path, key), problems),
      },
    );
  }
  return { kind: "map", at: base.at, entries };
}

/** One file over another; `path` is where both stand in a file, "" for the whole. */
export function mergeTrees(
  base: MapNode,
  over: MapNode,
  path: string,
  problems: Problems,
): MapNode {
  return mergeMaps(base, over, path, problems);
}
