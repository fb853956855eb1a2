/** What `<<` brings into a mapping. */
import type { Entry, MapNode, Node } from "../tree.ts";
import { NotPlain } from "./cursor.ts";

/** The value of a `<<`. */
export type Merge = Node;

function mapsOf(merge: Merge): readonly MapNode[] {
  return (merge.kind === "list" ? merge.items : [merge]).map((source) => {
    if (source.kind !== "map") throw new NotPlain();
    return source;
  });
}

/** A mapping's own entries, and behind them those that its merges bring and it has not. */
export function entriesWith(
  own: Map<string, Entry>,
  merges: readonly Merge[],
): ReadonlyMap<string, Entry> {
  for (const source of merges.flatMap(mapsOf)) {
    for (const [key, entry] of source.entries) if (!own.has(key)) own.set(key, entry);
  }
  return own;
}
