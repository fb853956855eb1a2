/** `[a, "b"]` and `{a: b}`, over several lines too. */
import { type Entry, type Node, nullNode } from "../tree.ts";
import { aliased, countNode, type Cursor, NotPlain, placeOf, take } from "./cursor.ts";
import { entriesWith, type Merge } from "./entries.ts";
import { readScalar, takeKey } from "./scalars.ts";

const ALIAS = /\*([A-Za-z0-9_-]{1,100})(?=[ ,\]}]|$)/y;
/** The begin or end of a document, wherever it stands. */
const DOCUMENT = /^(?:---|\.\.\.)/;
const MERGE = /<<: /y;

/** Whether a list in brackets or a mapping in braces begins at the cursor. */
export function isFlow(cursor: Cursor): boolean {
  const char = cursor.text[cursor.index];
  return char === "[" || char === "{";
}

/** What holds a list or mapping. */
interface Outer {
  /** The lines of the inner one are to stand right of this. */
  readonly indent: number;
  /** It is in brackets or braces itself. */
  readonly isFlow: boolean;
}

/** Moves to the next sign, over ends of lines and comments. */
function skip(cursor: Cursor, outer: Outer): void {
  for (;;) {
    while (cursor.text[cursor.index] === " ") cursor.index++;
    if (cursor.index < cursor.text.length && cursor.text[cursor.index] !== "#") return;
    if (cursor.text[cursor.index] === "#" && cursor.text[cursor.index - 1] !== " ") {
      throw new NotPlain();
    }
    do {
      cursor.line++;
      const text = cursor.lines[cursor.line];
      if (text === undefined) throw new NotPlain();
      if (DOCUMENT.test(text)) throw new NotPlain();
      cursor.text = text;
      cursor.index = 0;
      while (text[cursor.index] === " ") cursor.index++;
    } while (cursor.index === cursor.text.length || cursor.text[cursor.index] === "#");
    if (cursor.index > outer.indent) continue;
    const isEnd = cursor.text[cursor.index] === "]" || cursor.text[cursor.index] === "}";
    if (outer.isFlow || !isEnd || cursor.index < outer.indent) throw new NotPlain();
  }
}

function readItem(cursor: Cursor, depth: number, outer: Outer): Node {
  if (isFlow(cursor)) return readIn(cursor, depth, { ...outer, isFlow: true });
  const alias = take(cursor, ALIAS)?.[1];
  return alias === undefined ? readScalar(cursor, depth, true) : aliased(cursor, alias, depth);
}

/** Behind an item: whether another one may follow. */
function isMore(cursor: Cursor, close: string, outer: Outer): boolean {
  skip(cursor, outer);
  const char = cursor.text[cursor.index];
  if (char !== "," && char !== close) throw new NotPlain();
  cursor.index++;
  if (char === close) return false;
  skip(cursor, outer);
  if (cursor.text[cursor.index] !== close) return true;
  cursor.index++;
  return false;
}

/** The list or mapping at the cursor, which is behind it then. `outer`: the indent of what holds it. */
export function readFlow(cursor: Cursor, depth: number, outer: number): Node {
  return readIn(cursor, depth, { indent: outer, isFlow: false });
}

function readIn(cursor: Cursor, depth: number, outer: Outer): Node {
  countNode(cursor, depth);
  const at = placeOf(cursor, cursor.index);
  const close = cursor.text[cursor.index] === "[" ? "]" : "}";
  cursor.index++;
  skip(cursor, outer);
  let more = cursor.text[cursor.index] !== close;
  if (!more) cursor.index++;
  if (close === "]") {
    const items: Node[] = [];
    while (more) {
      items.push(readItem(cursor, depth + 1, outer));
      more = isMore(cursor, close, outer);
    }
    return { kind: "list", at, items };
  }
  const own = new Map<string, Entry>();
  const merges: Merge[] = [];
  while (more) {
    const keyAt = placeOf(cursor, cursor.index);
    const isMerge = take(cursor, MERGE) !== null;
    const name = isMerge ? "<<" : takeKey(cursor);
    if (name === null || !isMerge && own.has(name)) throw new NotPlain();
    while (cursor.text[cursor.index] === " ") cursor.index++;
    const char = cursor.text[cursor.index];
    if (char === undefined || char === "#") throw new NotPlain();
    const isNothing = char === "," || char === close;
    if (isNothing) countNode(cursor, depth + 1);
    const value = isNothing
      ? nullNode(placeOf(cursor, cursor.index))
      : readItem(cursor, depth + 1, outer);
    if (isMerge) merges.push(value);
    else own.set(name, { keyAt, value });
    more = isMore(cursor, close, outer);
  }
  return { kind: "map", at, entries: entriesWith(own, merges) };
}
