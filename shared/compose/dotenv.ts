/**
 * Files of `NAME=value` lines (`.env`, `env_file`) as Compose reads them: `export`, comments,
 * single quotes (as they are), double quotes (escapes and variables), values over several lines,
 * variables of the lines before.
 */
import { wholeText } from "./file_text.ts";
import { type Problems, quoted } from "./problem.ts";
import { type Lookup, substitute } from "./substitute.ts";

interface Cursor {
  readonly file: string;
  readonly text: string;
  index: number;
  line: number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  c: "\\c",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  $: "$$",
  '"': '"',
  "\\": "\\",
};

function unescapeText(text: string): string {
  return text.replace(/\\([abcfnrtv$"\\]|0[0-7]{3}|0[0-7]{0,2})/g, (match, code: string) => {
    if (code.startsWith("0")) {
      return code.length === 4 ? String.fromCharCode(parseInt(code, 8) & 255) : match;
    }
    return ESCAPES[code] ?? match;
  });
}

/** The text between quotes with its own quote unescaped, or null where it never ends. */
function quotedValue(cursor: Cursor, quote: string): string | null {
  let out = "";
  for (let i = cursor.index + 1; i < cursor.text.length; i++) {
    const char = cursor.text[i] ?? "";
    if (char === "\n") cursor.line++;
    if (char === quote) {
      cursor.index = i + 1;
      return out;
    }
    const next = cursor.text[i + 1];
    if (char === "\\" && next !== undefined) {
      if (next === "\n") cursor.line++;
      out += next === quote ? next : char + next;
      i++;
    } else {
      out += char;
    }
  }
  return null;
}

function restOfLine(cursor: Cursor): string {
  const end = cursor.text.indexOf("\n", cursor.index);
  const line = cursor.text.slice(cursor.index, end === -1 ? undefined : end);
  cursor.index = end === -1 ? cursor.text.length : end + 1;
  cursor.line++;
  return line;
}

const STATEMENT =
  /(?:export[ \t\v\f\r]+)?([\p{L}\p{N}_.\-[\]]+)[ \t\v\f\r]*(?:[=:][ \t\v\f\r]*|(?=\n)|$)/uy;

/**
 * The variables of such a file.
 * @param outer what interpolation finds before the file's own earlier lines
 * @param earlier what it finds after them
 */
export function parseDotenv(
  file: string,
  text: string,
  outer: Lookup,
  problems: Problems,
  earlier: Lookup = () => undefined,
): Map<string, string> {
  const found = new Map<string, string>();
  const cursor: Cursor = { file, text: text.replace(/^\uFEFF/, ""), index: 0, line: 1 };
  const expand = (value: string, line: number): string => {
    const result = substitute(value, (name) => outer(name) ?? found.get(name) ?? earlier(name));
    for (const fault of result.faults) {
      const what = fault.kind === "required"
        ? `the variable "${fault.variable}" has no value${fault.reason && `: ${fault.reason}`}`
        : "the value holds something that is not a variable";
      problems.report(
        { file, line, column: 1 },
        "dotenv",
        what,
        'write "$$" for a dollar sign, or put the value in single quotes',
      );
    }
    return result.text;
  };
  while (cursor.index < cursor.text.length) {
    const char = cursor.text[cursor.index] ?? "";
    if (/\s/.test(char)) {
      if (char === "\n") cursor.line++;
      cursor.index++;
      continue;
    }
    if (char === "#") {
      restOfLine(cursor);
      continue;
    }
    const line = cursor.line;
    STATEMENT.lastIndex = cursor.index;
    const match = STATEMENT.exec(cursor.text);
    const name = match?.[1];
    if (match === null || name === undefined) {
      const shown = restOfLine(cursor).split("=")[0] ?? "";
      problems.report(
        { file, line, column: 1 },
        "dotenv",
        `${quoted(shown.trim())} is not the name of a variable`,
        "write NAME=value, names of letters, digits and _",
      );
      continue;
    }
    cursor.index += match[0].length;
    if (!/[=:]/.test(match[0].slice(match[0].indexOf(name) + name.length))) {
      const value = outer(name);
      if (value !== undefined) found.set(name, value);
      continue;
    }
    const quote = cursor.text[cursor.index];
    if (quote === '"' || quote === "'") {
      const value = quotedValue(cursor, quote);
      if (value === null) {
        problems.report(
          { file, line, column: 1 },
          "dotenv",
          `the quoted value of "${name}" never ends`,
          `close it with ${quote}`,
        );
        return found;
      }
      if (quote === "'") {
        found.set(name, value);
      } else {
        const what = () => `the value of "${name}"`;
        const text = wholeText({ file, line, column: 1 }, what, unescapeText(value), problems);
        found.set(name, expand(text, line));
      }
    } else {
      const value = restOfLine(cursor).split(" #")[0] ?? "";
      found.set(name, expand(value.trimEnd(), line));
    }
  }
  return found;
}
