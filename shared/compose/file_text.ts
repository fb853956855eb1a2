/** What the text of any file must be before it is parsed: of bounded size, and without NUL. */
import type { Place, Problems } from "./problem.ts";

/** The largest compose file, env file or `.env` that is read. */
export const MAX_FILE_BYTES = 1024 * 1024;

/** Whether a file's text can be parsed; reports why not. */
export function isUsableText(file: string, text: string, problems: Problems): boolean {
  const sizeBytes = text.length > MAX_FILE_BYTES
    ? text.length
    : new TextEncoder().encode(text).length;
  if (sizeBytes > MAX_FILE_BYTES) {
    problems.report(
      { file, line: 1, column: 1 },
      "file-too-large",
      `the file has more than ${MAX_FILE_BYTES} bytes (${sizeBytes} and not less)`,
      "split it, or keep data in files that services bind",
    );
    return false;
  }
  const nul = text.indexOf("\0");
  if (nul === -1) return true;
  const lines = text.slice(0, nul).split("\n");
  problems.report(
    { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 },
    "nul",
    "the file holds a NUL character, so it is no text",
    "save it as text in UTF-8",
  );
  return false;
}

/**
 * Reports what only an escape can make, as in `"\0"` or `"\ud800"`, and takes it out: a NUL, and half
 * of a character. With {@link isUsableText} this keeps both out of every value, so that no reader of one
 * asks again: a NUL would end arguments, variables and paths early, half a character is no text in UTF-8.
 */
export function wholeText(
  at: Place,
  what: () => string,
  text: string,
  problems: Problems,
): string {
  let whole = text;
  if (whole.includes("\0")) {
    problems.report(
      at,
      "nul",
      `${what()} holds a NUL character, which no text may hold`,
      "remove it",
    );
    whole = whole.replaceAll("\0", "");
  }
  if (whole.isWellFormed()) return whole;
  problems.report(
    at,
    "half-character",
    `${what()} holds half of a character (a surrogate without its other half)`,
    "write the whole character itself",
  );
  return whole.toWellFormed();
}
