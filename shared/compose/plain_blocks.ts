/**
 * The YAML that nearly every compose file is made of, read in a tenth of the time: block mappings
 * and lists, words, quoted texts without escapes, flat lists in brackets. At the first thing that
 * is more than that, or that is wrong, it gives up and the whole file is read by the YAML parser
 * (parse.ts), so that every rule and every message is only there. Where it does answer, the tree
 * is the parser's to the last place; the fuzzer compares the two.
 */
import type { Place } from "./problem.ts";
import { type Entry, type ListNode, type MapNode, type Node, nullNode } from "./tree.ts";

const MAX_NODES = 100_000;
const MAX_DEPTH = 30;
const TEXT = /^[\n\x20-\x7e\u00a1-\u1fff]*$/;
const KEY = /([A-Za-z_][A-Za-z0-9_.-]{0,99}):(?: +|$)/y;
const DASH = /- +(?=[^ #-]|--?[A-Za-z])/y;
const DOUBLE_QUOTED = /"([^"\\]*)"/y;
const SINGLE_QUOTED = /'([^']*)'/y;
const WORDS = /(?:[A-Za-z0-9_./$]|--?[A-Za-z]|~\/)(?:[^#: ]|:(?=[^ ])|(?<=[^ ])#| +(?=[^ #]))*/y;
/** Inside brackets. */
const WORD = /(?:[A-Za-z0-9_./$]|--?[A-Za-z])(?:[A-Za-z0-9_./$@%+=-]|:(?=[A-Za-z0-9_./$]))*/y;
const REST = / *(?:(?<= )#.*)?$/y;
/** What is no text as a key or a value, in any way of writing it. */
const SPECIAL = /^(?:true|false|null)$/i;
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,14})$/;
/** A text that begins like a number and is none: no number has these letters, or two dots. */
const NO_NUMBER = /[^0-9+._a-fA-FxXoOiInN-]|\..*\./;

class NotPlain extends Error {}

/** A line that holds more than a comment; `indent` moves on behind the dash of a list. */
interface Cursor {
  readonly lines: readonly string[];
  /** From 0; the number of lines at the end. */
  line: number;
  text: string;
  /** Of the next value in `text`; -1 at the end. */
  indent: number;
  nodes: number;
  readonly file: string;
}

function nextLine(cursor: Cursor): void {
  for (cursor.line++; cursor.line < cursor.lines.length; cursor.line++) {
    const text = cursor.lines[cursor.line] ?? "";
    let indent = 0;
    while (text[indent] === " ") indent++;
    if (indent === text.length || text[indent] === "#") continue;
    cursor.text = text;
    cursor.indent = indent;
    return;
  }
  cursor.indent = -1;
}

function isAtEnd({ line, lines }: Cursor): boolean {
  return line >= lines.length;
}

function place({ file, line }: Cursor, index: number): Place {
  return { file, line: line + 1, column: index + 1 };
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

function wordsNode(text: string, at: Place): Node {
  const first = text.charCodeAt(0);
  const digit = first >= 48 && first <= 57;
  if (digit && WHOLE_NUMBER.test(text)) return { kind: "scalar", at, value: Number(text), text };
  if (text === "true" || text === "false") {
    return { kind: "scalar", at, value: text === "true", text };
  }
  if (SPECIAL.test(text) || (digit || first === 46) && !NO_NUMBER.test(text)) throw new NotPlain();
  return { kind: "scalar", at, value: text, text };
}

/** The value that begins there, and the index behind it. */
function inline(cursor: Cursor, index: number, words: RegExp): { node: Node; end: number } {
  if (++cursor.nodes > MAX_NODES) throw new NotPlain();
  const { text } = cursor;
  const at = place(cursor, index);
  const char = text[index];
  const pattern = char === '"' ? DOUBLE_QUOTED : char === "'" ? SINGLE_QUOTED : null;
  const match = matchAt(pattern ?? words, text, index);
  if (match === null) throw new NotPlain();
  const end = index + match[0].length;
  if (pattern === null) return { node: wordsNode(match[0], at), end };
  const value = match[1] ?? "";
  return { node: { kind: "scalar", at, value, text: value }, end };
}

/** `[a, "b"]` */
function brackets(cursor: Cursor, index: number): { node: ListNode; end: number } {
  const { text } = cursor;
  const items: Node[] = [];
  const skip = (from: number) => {
    let to = from;
    while (text[to] === " ") to++;
    return to;
  };
  let next = skip(index + 1);
  while (text[next] !== "]" || items.length > 0) {
    const { node, end } = inline(cursor, next, WORD);
    items.push(node);
    next = skip(end);
    if (text[next] === "]") break;
    if (text[next] !== ",") throw new NotPlain();
    next = skip(next + 1);
  }
  return { node: { kind: "list", at: place(cursor, index), items }, end: next + 1 };
}

/** A value to the end of its line; the cursor moves on. */
function wholeLine(cursor: Cursor, index: number): Node {
  const { node, end } = cursor.text[index] === "["
    ? brackets(cursor, index)
    : cursor.text.startsWith("{}", index)
    ? { node: emptyMap(place(cursor, index)), end: index + 2 }
    : inline(cursor, index, WORDS);
  if (matchAt(REST, cursor.text, end) === null) throw new NotPlain();
  nextLine(cursor);
  return node;
}

function emptyMap(at: Place): MapNode {
  return { kind: "map", at, entries: new Map() };
}

function isDash(cursor: Cursor): boolean {
  return cursor.text[cursor.indent] === "-";
}

/** What stands behind a key's colon, or below it. */
function valueOf(cursor: Cursor, index: number, colonEnd: number, depth: number): Node {
  const { indent, text } = cursor;
  if (index < text.length && text[index] !== "#") return wholeLine(cursor, index);
  const nothing = nullNode(place(cursor, colonEnd));
  nextLine(cursor);
  if (cursor.indent > indent || cursor.indent === indent && isDash(cursor)) {
    return isDash(cursor) ? list(cursor, depth + 1) : map(cursor, depth + 1);
  }
  // With spaces or a comment behind the colon the parser has another place for nothing.
  if (colonEnd < text.length) throw new NotPlain();
  return nothing;
}

function map(cursor: Cursor, depth: number): MapNode {
  const { indent } = cursor;
  const at = place(cursor, indent);
  const entries = new Map<string, Entry>();
  if (depth > MAX_DEPTH) throw new NotPlain();
  while (cursor.indent === indent && !isDash(cursor)) {
    if (++cursor.nodes > MAX_NODES) throw new NotPlain();
    const match = matchAt(KEY, cursor.text, indent);
    const name = match?.[1];
    if (match === null || name === undefined) throw new NotPlain();
    if (SPECIAL.test(name) || name === "__proto__" || entries.has(name)) throw new NotPlain();
    const keyAt = place(cursor, indent);
    const value = valueOf(cursor, indent + match[0].length, indent + name.length + 1, depth);
    entries.set(name, { keyAt, value });
  }
  if (cursor.indent >= indent) throw new NotPlain();
  return { kind: "map", at, entries };
}

function list(cursor: Cursor, depth: number): ListNode {
  const { indent } = cursor;
  const at = place(cursor, indent);
  const items: Node[] = [];
  if (depth > MAX_DEPTH) throw new NotPlain();
  while (cursor.indent === indent && isDash(cursor)) {
    const match = matchAt(DASH, cursor.text, indent);
    if (match === null) throw new NotPlain();
    const index = indent + match[0].length;
    if (matchAt(KEY, cursor.text, index) === null) {
      items.push(wholeLine(cursor, index));
    } else {
      cursor.indent = index;
      items.push(map(cursor, depth + 1));
    }
  }
  if (cursor.indent > indent) throw new NotPlain();
  return { kind: "list", at, items };
}

/** The tree of a file of this kind; null: it is of another kind, or faulty. Never throws. */
export function readPlainBlocks(file: string, text: string): MapNode | null {
  if (!TEXT.test(text)) return null;
  const cursor: Cursor = { lines: text.split("\n"), line: -1, text: "", indent: 0, nodes: 0, file };
  nextLine(cursor);
  if (cursor.indent !== 0 || isDash(cursor)) return null;
  try {
    const tree = map(cursor, 0);
    return isAtEnd(cursor) ? tree : null;
  } catch (thrown) {
    if (thrown instanceof NotPlain) return null;
    throw thrown;
  }
}
