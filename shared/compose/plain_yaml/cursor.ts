/** Where the short way of reading YAML stands in a file, and how it gives up. */
import type { Place } from "../problem.ts";
import type { Node } from "../tree.ts";

/** Thrown at what is more than the short way reads, or wrong; nothing is said of it. */
export class NotPlain extends Error {}

/** With more values, or deeper ones, the whole parser decides and has the words for it. */
const MAX_NODES = 150_000;
const MAX_DEPTH = 50;

/** What an anchor names, with what an alias of it adds. */
interface Anchored {
  readonly node: Node;
  readonly nodes: number;
  readonly height: number;
}

/** A line that holds more than a comment; `indent` moves on behind the dash of a list. */
export interface Cursor {
  readonly file: string;
  readonly lines: readonly string[];
  /** From 0; the number of lines at the end. */
  line: number;
  text: string;
  /** Of the next value in `text`; -1 at the end. */
  indent: number;
  /** Where in `text` the next thing to read stands. */
  index: number;
  nodes: number;
  /** The depth of the deepest value since it was last set. */
  deepest: number;
  /** null: its value is not read to the end. */
  readonly anchors: Map<string, Anchored | null>;
}

/** Moves on to the next line that holds something. */
export function nextLine(cursor: Cursor): void {
  for (cursor.line++; cursor.line < cursor.lines.length; cursor.line++) {
    const text = cursor.lines[cursor.line] ?? "";
    let indent = 0;
    while (text.charCodeAt(indent) === 32) indent++;
    if (indent === text.length || text[indent] === "#") continue;
    cursor.text = text;
    cursor.indent = indent;
    cursor.index = indent;
    return;
  }
  cursor.indent = -1;
}

/** The place of what stands at `index` in the cursor's line. */
export function placeOf({ file, line }: Cursor, index: number): Place {
  return { file, line: line + 1, column: index + 1 };
}

/** What a sticky pattern finds at the cursor, which moves behind it; null: nothing. */
export function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.index;
  const match = pattern.exec(cursor.text);
  if (match !== null) cursor.index += match[0].length;
  return match;
}

/** Counts one more value. */
export function countNode(cursor: Cursor, depth: number): void {
  cursor.nodes++;
  if (depth > cursor.deepest) cursor.deepest = depth;
  if (cursor.nodes > MAX_NODES || cursor.deepest > MAX_DEPTH) throw new NotPlain();
}

/** Reads what stands behind `&name`. */
export function anchored(cursor: Cursor, name: string, depth: number, read: () => Node): Node {
  const { nodes, deepest } = cursor;
  // An alias cannot have an anchor.
  if (cursor.text[cursor.index] === "*") throw new NotPlain();
  cursor.anchors.set(name, null);
  cursor.deepest = depth;
  const node = read();
  // Set again inside of its own value: the inner one counts from there on.
  if (cursor.anchors.get(name) !== null) throw new NotPlain();
  cursor.anchors.set(name, {
    node,
    nodes: cursor.nodes - nodes,
    height: cursor.deepest - depth,
  });
  cursor.deepest = Math.max(deepest, cursor.deepest);
  return node;
}

/** What `*name` stands for. */
export function aliased(cursor: Cursor, name: string, depth: number): Node {
  const target = cursor.anchors.get(name);
  if (target === undefined || target === null) throw new NotPlain();
  cursor.nodes += target.nodes;
  countNode(cursor, depth + target.height);
  return target.node;
}
