/** Interpolation of a whole tree: every text value, never keys; faults are reported at their place. */
import { type Place, type Problems, quoted } from "./problem.ts";
import { type Lookup, substitute, type SubstitutionFault } from "./substitute.ts";
import type { Entry, MapNode, Node, ScalarNode } from "./tree.ts";

function reportFault(at: Place, fault: SubstitutionFault, problems: Problems): void {
  switch (fault.kind) {
    case "invalid":
      return problems.report(
        at,
        "interpolation",
        `${quoted(fault.near)} is not a variable`,
        'write "$$" for a dollar sign, or "${NAME}" for a variable',
      );
    case "required":
      return problems.report(
        at,
        "variable-required",
        `the variable "${fault.variable}" has no value${
          fault.reason === "" ? "" : `: ${fault.reason}`
        }`,
        `set ${fault.variable} in the environment or in .env`,
      );
    case "too-much":
      return problems.report(
        at,
        "interpolation",
        "the text grows beyond 1 MiB, or its variables are nested more than 32 deep",
        "write it shorter",
      );
  }
}

function interpolateScalar(node: ScalarNode, lookup: Lookup, problems: Problems): Node {
  if (typeof node.value !== "string" || !node.value.includes("$")) return node;
  const { text, faults, unset } = substitute(node.value, lookup);
  for (const fault of faults) reportFault(node.at, fault, problems);
  for (const name of unset) {
    problems.note(
      node.at,
      "variable-unset",
      `the variable "${name}" is not set, so it is empty`,
      `set ${name} in the environment or in .env, or write "\${${name}:-DEFAULT}"`,
    );
  }
  return { ...node, value: text, text };
}

/** The same tree with its variables filled in; where there are none, the very same nodes. */
export function interpolateTree(node: MapNode, lookup: Lookup, problems: Problems): MapNode;
export function interpolateTree(node: Node, lookup: Lookup, problems: Problems): Node;
export function interpolateTree(node: Node, lookup: Lookup, problems: Problems): Node {
  switch (node.kind) {
    case "scalar":
      return interpolateScalar(node, lookup, problems);
    case "list": {
      const items = node.items.map((item) => interpolateTree(item, lookup, problems));
      return items.every((item, i) => item === node.items[i]) ? node : { ...node, items };
    }
    case "map": {
      let entries: Map<string, Entry> | null = null;
      for (const [key, entry] of node.entries) {
        const value = interpolateTree(entry.value, lookup, problems);
        if (value === entry.value) continue;
        entries ??= new Map(node.entries);
        entries.set(key, { ...entry, value });
      }
      return entries === null ? node : { ...node, entries };
    }
  }
}
