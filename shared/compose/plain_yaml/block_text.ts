/** Texts of several lines behind `|` and `>`. */
import type { Node } from "../tree.ts";
import { countNode, type Cursor, nextLine, NotPlain, placeOf, take } from "./cursor.ts";

const HEADER = /([|>])([-+]?) *(?:(?<= )#.*)?$/y;

function indentOf(text: string): number {
  let indent = 0;
  while (text[indent] === " ") indent++;
  return indent;
}

/** Whether one begins at the cursor. */
export function isBlockText(cursor: Cursor): boolean {
  const char = cursor.text[cursor.index];
  return char === "|" || char === ">";
}

/** Lines of one text joined by a space, an empty line between two by a new line. */
function folded(lines: readonly string[]): string {
  let text = "";
  let joint = "";
  for (const line of lines) {
    if (line === "") {
      text += joint === "\n" ? "\n" : "";
      joint = "\n";
    } else {
      text += joint + line;
      joint = " ";
    }
  }
  return text;
}

/** The text at the cursor, which stands on the next line then. `outer`: the indent of what holds it. */
export function readBlockText(cursor: Cursor, depth: number, outer: number): Node {
  countNode(cursor, depth);
  const at = placeOf(cursor, cursor.index);
  const header = take(cursor, HEADER);
  if (header === null) throw new NotPlain();
  const [, style, chomp] = header;
  const lines: string[] = [];
  let indent = -1;
  let kept = 0;
  let next = cursor.line + 1;
  for (; next < cursor.lines.length; next++) {
    const text = cursor.lines[next] ?? "";
    const own = indentOf(text);
    if (own === text.length) {
      // Spaces in an empty line may count; at the file's very end there is no line.
      if (own > 0 || indent === -1) throw new NotPlain();
      if (next < cursor.lines.length - 1) lines.push("");
      continue;
    }
    if (own <= outer) break;
    if (indent === -1) indent = own;
    if (own < indent || own > indent && style === ">") throw new NotPlain();
    lines.push(text.slice(indent));
    kept = lines.length;
  }
  if (kept === 0) throw new NotPlain();
  const content = lines.slice(0, kept);
  const value = (style === "|" ? content.join("\n") : folded(content)) +
    (chomp === "-" ? "" : chomp === "+" ? "\n".repeat(lines.length - kept + 1) : "\n");
  cursor.line = next - 1;
  nextLine(cursor);
  return { kind: "scalar", at, value, text: value };
}
