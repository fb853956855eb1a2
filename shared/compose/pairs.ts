/** `NAME=value` lists and mappings, which Compose takes for each other. */
import { type Problems, quoted } from "./problem.ts";
import { type Entry, type MapNode, type Node, nullNode, textNode } from "./tree.ts";

/**
 * A list of `NAME=value` as the mapping that it means: a name alone is null; of two the last one
 * counts, at the place of the first. null: it is neither list nor mapping.
 */
export function pairsOf(node: Node, problems: Problems): MapNode | null {
  if (node.kind === "map") return node;
  if (node.kind === "scalar") return null;
  const entries = new Map<string, Entry>();
  for (const item of node.items) {
    if (item.kind !== "scalar" || typeof item.value !== "string") {
      problems.report(
        item.at,
        "type",
        "an entry of this list is not a text",
        'write "NAME=value" in quotes',
      );
      continue;
    }
    const cut = item.value.indexOf("=");
    const name = cut === -1 ? item.value : item.value.slice(0, cut);
    if (name === "__proto__") {
      problems.report(
        item.at,
        "key",
        `the name ${quoted(name)} cannot be used`,
        "name it otherwise",
      );
      continue;
    }
    entries.set(name, {
      keyAt: item.at,
      value: cut === -1 ? nullNode(item.at) : textNode(item.at, item.value.slice(cut + 1)),
    });
  }
  return { kind: "map", at: node.at, entries };
}

/** A list of names as a mapping of each to the same value; a mapping as it is. */
export function namesAsMap(node: Node, value: (name: Node) => Node): MapNode | null {
  if (node.kind === "map") return node;
  if (node.kind === "scalar") return null;
  const entries = new Map<string, Entry>();
  for (const item of node.items) {
    if (item.kind !== "scalar" || typeof item.value !== "string") return null;
    if (item.value === "__proto__") return null;
    entries.set(item.value, { keyAt: item.at, value: value(item) });
  }
  return { kind: "map", at: node.at, entries };
}

const CONDITION = "condition";

/** The long form of a name in a list of `depends_on`. */
export function startedDependency(name: Node): MapNode {
  return {
    kind: "map",
    at: name.at,
    entries: new Map([[CONDITION, {
      keyAt: name.at,
      value: textNode(name.at, "service_started"),
    }]]),
  };
}
