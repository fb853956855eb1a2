/**
 * The YAML that compose files are made of, read in a tenth of the time: block mappings and lists,
 * words, quoted texts, block texts, brackets and braces, anchors and `<<`. At the first thing that
 * is more than that, or that is wrong, it gives up and the whole file is read by the YAML parser
 * (../parse.ts), so that every rule and every message is only there. Where it does answer, the tree
 * is the parser's to the last place, which fuzz.ts shows.
 */
import { type Entry, type ListNode, type MapNode, type Node, nullNode } from "../tree.ts";
import { isBlockText, readBlockText } from "./block_text.ts";
import {
  aliased,
  anchored,
  countNode,
  type Cursor,
  nextLine,
  NotPlain,
  placeOf,
  take,
} from "./cursor.ts";
import { entriesWith, type Merge } from "./entries.ts";
import { isFlow, readFlow } from "./flow.ts";
import { readScalar, takeKey } from "./scalars.ts";

const TEXT = /^[\n\x20-\x7e\u00a1-\u2027\u2030-\ufefe]*$/;
const DASH = /- +(?=[^ #-]|--?[A-Za-z0-9])/y;
const MERGE = /<<:(?= |$)/y;
const REST = / *(?:(?<= )#.*)?$/y;
const ANCHOR = /&([A-Za-z0-9_-]{1,100})(?: +|$)/y;
const ALIAS = /\*([A-Za-z0-9_-]{1,100})(?= |$)/y;

function isDash(cursor: Cursor): boolean {
  const { text, indent } = cursor;
  return text[indent] === "-" && (text[indent + 1] === " " || text.length === indent + 1);
}

/** A value to the end of its line, or of its last line; the cursor moves on. */
function readInline(cursor: Cursor, depth: number, outer: number): Node {
  if (isBlockText(cursor)) return readBlockText(cursor, depth, outer);
  const alias = cursor.text[cursor.index] === "*" ? take(cursor, ALIAS)?.[1] : undefined;
  const node = alias !== undefined
    ? aliased(cursor, alias, depth)
    : isFlow(cursor)
    ? readFlow(cursor, depth, outer)
    : readScalar(cursor, depth, false);
  const isEnd = cursor.index === cursor.text.length || take(cursor, REST) !== null;
  if (!isEnd) throw new NotPlain();
  nextLine(cursor);
  return node;
}

/** A mapping or list below the line of its key. */
function readBelow(cursor: Cursor, depth: number): Node {
  return isDash(cursor) ? readList(cursor, depth) : readMap(cursor, depth);
}

/** What stands behind a key's colon, or below it. `outer`: the key's indent. */
function readValue(cursor: Cursor, depth: number, outer: number): Node {
  while (cursor.text.charCodeAt(cursor.index) === 32) cursor.index++;
  const anchor = cursor.text[cursor.index] === "&" ? take(cursor, ANCHOR)?.[1] : undefined;
  const isInline = cursor.index < cursor.text.length && cursor.text[cursor.index] !== "#";
  const nothingAt = placeOf(cursor, cursor.index);
  const read = (): Node => {
    if (isInline) return readInline(cursor, depth, outer);
    nextLine(cursor);
    if (cursor.indent > outer || cursor.indent === outer && isDash(cursor)) {
      return readBelow(cursor, depth);
    }
    if (anchor !== undefined) throw new NotPlain();
    countNode(cursor, depth);
    return nullNode(nothingAt);
  };
  return anchor === undefined ? read() : anchored(cursor, anchor, depth, read);
}

function readMap(cursor: Cursor, depth: number): MapNode {
  const { indent } = cursor;
  countNode(cursor, depth);
  const at = placeOf(cursor, indent);
  const own = new Map<string, Entry>();
  const merges: Merge[] = [];
  while (cursor.indent === indent && !isDash(cursor)) {
    const keyAt = placeOf(cursor, indent);
    const isMerge = cursor.text[indent] === "<" && take(cursor, MERGE) !== null;
    const name = isMerge ? "<<" : takeKey(cursor);
    if (name === null || !isMerge && own.has(name)) throw new NotPlain();
    const value = readValue(cursor, depth + 1, indent);
    if (isMerge) merges.push(value);
    else own.set(name, { keyAt, value });
  }
  if (cursor.indent >= indent) throw new NotPlain();
  return { kind: "map", at, entries: entriesWith(own, merges) };
}

function readListItem(cursor: Cursor, depth: number, outer: number): Node {
  const start = cursor.index;
  const isMap = take(cursor, MERGE) !== null || takeKey(cursor) !== null;
  cursor.index = start;
  if (isMap) {
    cursor.indent = start;
    return readMap(cursor, depth);
  }
  const anchor = take(cursor, ANCHOR)?.[1];
  if (anchor === undefined) return readInline(cursor, depth, outer);
  return anchored(cursor, anchor, depth, () => {
    if (cursor.index < cursor.text.length) {
      // A key here would have the anchor, not the mapping.
      return readInline(cursor, depth, outer);
    }
    nextLine(cursor);
    if (cursor.indent <= outer) throw new NotPlain();
    return readBelow(cursor, depth);
  });
}

function readList(cursor: Cursor, depth: number): ListNode {
  const { indent } = cursor;
  countNode(cursor, depth);
  const at = placeOf(cursor, indent);
  const items: Node[] = [];
  while (cursor.indent === indent && isDash(cursor)) {
    if (take(cursor, DASH) === null) throw new NotPlain();
    items.push(readListItem(cursor, depth + 1, indent));
  }
  if (cursor.indent > indent) throw new NotPlain();
  return { kind: "list", at, items };
}

/** The whole file's value. */
function readTop(cursor: Cursor): Node {
  nextLine(cursor);
  if (cursor.text === "---") nextLine(cursor);
  if (cursor.indent !== 0 || isDash(cursor)) throw new NotPlain();
  return isFlow(cursor) ? readInline(cursor, 0, -1) : readMap(cursor, 0);
}

/** The tree of a file of this kind; null: it is of another kind, or faulty. Never throws. */
export function readPlainYaml(file: string, text: string): MapNode | null {
  if (!TEXT.test(text) || !text.isWellFormed()) return null;
  const cursor: Cursor = {
    file,
    lines: text.split("\n"),
    line: -1,
    text: "",
    indent: 0,
    index: 0,
    nodes: 0,
    deepest: 0,
    anchors: new Map(),
  };
  try {
    const tree = readTop(cursor);
    return cursor.indent === -1 && tree.kind === "map" ? tree : null;
  } catch (thrown) {
    if (thrown instanceof NotPlain) return null;
    throw thrown;
  }
}
