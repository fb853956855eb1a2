/** Fitting a table into a width: what is empty goes, what is widest is wrapped. Pure. */

/** Between two columns. */
export const GAP = 2;
/** A column is not made narrower than this: a short id is one word, and stays whole. */
const LEAST = 12;

/** Width on the terminal, for letters of one place each. */
export function widthOf(text: string): number {
  return [...text].length;
}

/** All columns with what is between them. */
export function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP * Math.max(0, widths.length - 1);
}

/** Widths of columns that together fit, where that can be; the widest are made narrower first. */
export function fitWidths(
  widths: readonly number[],
  titles: readonly number[],
  room: number,
): readonly number[] {
  if (tableWidth(widths) <= room) return widths;
  const least = widths.map((width, at) => Math.min(width, Math.max(LEAST, titles[at] ?? 0)));
  const upTo = (most: number) =>
    widths.map((width, at) => Math.min(width, Math.max(most, least[at] ?? 0)));
  if (tableWidth(least) > room) return least;
  let most = LEAST;
  while (tableWidth(upTo(most + 1)) <= room) most++;
  const fitted = [...upTo(most)];
  // What is left over is the last one's that lacks it: reasons are read, and stand there.
  const last = fitted.findLastIndex((width, at) => width < (widths[at] ?? 0));
  if (last >= 0) {
    const wider = (fitted[last] ?? 0) + room - tableWidth(fitted);
    fitted[last] = Math.min(widths[last] ?? 0, wider);
  }
  return fitted;
}

/** A text in lines of at most so many letters, broken between words where it can be. */
export function wrapText(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (widthOf(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    let rest = [...word];
    while (rest.length > width) {
      lines.push(rest.slice(0, width).join(""));
      rest = rest.slice(width);
    }
    line = rest.join("");
  }
  if (line !== "") lines.push(line);
  return lines;
}
