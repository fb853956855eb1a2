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
}

export interface MapNode {
  readonly kind: "map";
  readonly at: Place;
  readonly entries: ReadonlyMap<string, Entry>;
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

/** Equal in value, wherever they stand. */
export function sameNode(a: Node, b: Node): boolean {
  if (a === b) return true;
  if (a.kind === "scalar") return b.kind === "scalar" && a.value === b.value;
  if (a.kind === "list") {
    return b.kind === "list" && a.items.length === b.items.length &&
      a.items.every((item, i) => {
        const other = b.items[i];
        return other !== undefined && sameNode(item, other);
      });
  }
  if (b.kind !== "map" || a.entries.size !== b.entries.size) return false;
  for (const [key, entry] of a.entries) {
    const other = b.entries.get(key);
    if (other === undefined || !sameNode(entry.value, other.value)) return false;
  }
  return true;
}
