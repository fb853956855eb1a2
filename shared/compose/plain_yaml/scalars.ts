/** Single values on one line. */
import type { Place } from "../problem.ts";
import { type Node, nullNode } from "../tree.ts";
import { countNode, type Cursor, NotPlain, placeOf, take } from "./cursor.ts";

const DOUBLE_QUOTED = /"([^"\\]*(?:\\["\\/bfnrt][^"\\]*)*)"/y;
const SINGLE_QUOTED = /'([^']*(?:''[^']*)*)'/y;
const WORDS =
  /(?:[A-Za-z0-9_./$(+^;\u0080-\uffff]|--?[A-Za-z0-9]|~)(?:[^#: ]|:(?=[^ ])|(?<=[^ ])#| +(?=[^ #]))*/y;
/** Inside brackets and braces, where signs mean more. */
const WORD =
  /(?:[A-Za-z0-9_./$(+^;\u0080-\uffff]|--?[A-Za-z0-9]|~)(?:[^#: ,[\]{}]|:(?=[^ ,[\]{}])|(?<=[^ ])#| +(?=[^ #:,[\]{}]))*/y;
const KEY = /([A-Za-z_][A-Za-z0-9_./@$-]{0,199}):(?= |$)/y;
const QUOTED_KEY = /(?:"([^"\\]{1,200})"|'([^']{1,200})'):(?= |$)/y;
/** What is no text as a key or a value, in any way of writing it. */
const SPECIAL = /^(?:true|false|null|~|[-+]?\.(?:inf|nan))$/i;
const NUMBER = /^(?:0|-?[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$/;
/** For Compose, which reads YAML 1.1 there. */
const OCTAL = /^0[0-7]{1,15}$/;
const NULL = /^(?:null|Null|NULL|~)$/;
/** Every number of YAML 1.1 and 1.2; what is not {@link NUMBER} has rules of its own. */
const ANY_NUMBER =
  /^[-+]?(?:0x[0-9a-fA-F_]*|0[ob][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]*)?|\.[0-9_]+(?:[eE][-+]?[0-9]*)?)$/;

/** The value that a text without quotes is. */
function plainNode(text: string, at: Place): Node {
  const first = text.charCodeAt(0);
  // Digits, and "+", "-", ".".
  if (first < 58 && (first > 47 || first === 43 || first === 45 || first === 46)) {
    if (NUMBER.test(text)) return { kind: "scalar", at, value: Number(text), text };
    if (OCTAL.test(text)) return { kind: "scalar", at, value: parseInt(text, 8), text };
    if (ANY_NUMBER.test(text) || SPECIAL.test(text)) throw new NotPlain();
    return { kind: "scalar", at, value: text, text };
  }
  if (text === "true" || text === "false") {
    return { kind: "scalar", at, value: text === "true", text };
  }
  if (!SPECIAL.test(text)) return { kind: "scalar", at, value: text, text };
  if (NULL.test(text)) return nullNode(at);
  throw new NotPlain();
}

/** A text, number or boolean; the cursor is behind it. */
export function readScalar(cursor: Cursor, depth: number, isInFlow: boolean): Node {
  countNode(cursor, depth);
  const at = placeOf(cursor, cursor.index);
  const char = cursor.text[cursor.index];
  if (char === '"') {
    const match = take(cursor, DOUBLE_QUOTED);
    if (match === null) throw new NotPlain();
    const [whole, inner = ""] = match;
    const value = inner.includes("\\") ? String(JSON.parse(whole)) : inner;
    return { kind: "scalar", at, value, text: value };
  }
  if (char === "'") {
    const match = take(cursor, SINGLE_QUOTED);
    if (match === null) throw new NotPlain();
    const value = (match[1] ?? "").replaceAll("''", "'");
    return { kind: "scalar", at, value, text: value };
  }
  const match = take(cursor, isInFlow ? WORD : WORDS);
  if (match === null) throw new NotPlain();
  return plainNode(match[0], at);
}

/** A key with its colon, where one stands; the cursor is behind it. `<<` is not one. */
export function takeKey(cursor: Cursor): string | null {
  const char = cursor.text[cursor.index];
  const match = take(cursor, char === '"' || char === "'" ? QUOTED_KEY : KEY);
  if (match === null) return null;
  const plain = char === '"' || char === "'" ? null : match[1] ?? "";
  const name = plain ?? match[1] ?? match[2] ?? "";
  if (plain !== null && SPECIAL.test(plain) || name === "__proto__") throw new NotPlain();
  return name;
}
