/** JSON that comes from outside. */

/** Nothing that programs say to one another is nested half as deep. */
const MAX_DEPTH = 64;

/** Behind the string that begins at `start`; the text's end where it does not end. */
function endOfString(text: string, start: number): number {
  let end = start;
  while (true) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let escapes = end - 1;
    while (text[escapes] === "\\") escapes--;
    if ((end - escapes) % 2 === 1) return end;
  }
}

/** Where a value begins that is nested too deep; null: nowhere. */
function tooDeepAt(text: string): number | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22:
        at = endOfString(text, at);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > MAX_DEPTH) return at;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return null;
}

/**
 * As `JSON.parse`; what is nested too deep is a SyntaxError with its place too, before anything is
 * made of it.
 */
export function parseJson(
  text: string,
  reviver?: (key: string, value: unknown) => unknown,
): unknown {
  const at = tooDeepAt(text);
  if (at === null) return JSON.parse(text, reviver);
  const before = text.slice(0, at).split("\n");
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  throw new SyntaxError(`values are nested more than ${MAX_DEPTH} deep (${place})`);
}
