/** A YAML document as a tree that knows where each value stands; aliases and `<<` are resolved. */
import type { Place } from "./problem.ts";

export interface ScalarNode {
  readonly kind: "scalar";
  readonly at: Place;
  readonly value: string | number | boolean | null;
  /** As written, without quotes; of a number, its own digits. */
  readonly text: string;
}

export interface ListNode {
  readonly kind: "list";
  readonly at: Place;
  readonly items: readonly Node[];
}

export interface Entry {
  readonly keyAt: Place;
  readonly value: Node;
  /**
   * What it does to the entry that a file before has: `!override` replaces it, `!reset` removes it;
   * absent: they are merged. settled() takes these out.
   */
  readonly how?: "replace" | "remove";
}

export interface MapNode {
  readonly kind: "map";
  readonly at: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** The tree without what was only to change a file before it; where nothing was, the very same. */
export function settled(node: MapNode): MapNode {
  let entries: Map<string, Entry> | null = null;
  for (const [key, { keyAt, value, how }] of node.entries) {
    const inner = value.kind === "map" ? settled(value) : value;
    if (how === undefined && inner === value) continue;
    entries ??= new Map(node.entries);
    if (how === "remove") entries.delete(key);
    else entries.set(key, { keyAt, value: inner });
  }
  return entries === null ? node : { ...node, entries };
}

export type Node = ScalarNode | ListNode | MapNode;

/** A text that was not written but follows from what stands at `at`. */
export function textNode(at: Place, text: string): ScalarNode {
  return { kind: "scalar", at, value: text, text };
}

export function nullNode(at: Place): ScalarNode {
  return { kind: "scalar", at, value: null, text: "" };
}

export function isNull(node: Node): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** A text that two nodes share exactly where they are equal in value, wherever they stand. */
export function valueKey(node: Node): string {
  if (node.kind === "scalar") return JSON.stringify(node.value);
  if (node.kind === "list") return `[${node.items.map(valueKey).join(",")}]`;
  const entries = [...node.entries].map(([key, { value }]) =>
    `${JSON.stringify(key)}:${valueKey(value)}`
  );
  return `{${entries.sort().join(",")}}`;
}
