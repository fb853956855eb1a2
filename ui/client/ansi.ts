/** Terminal colours of log lines, as parts with classes: never as markup. No part holds a control character. */

/** A piece of a line in one style. */
export interface Part {
  readonly text: string;
  /** Class names; "" is the page's own style. */
  readonly style: string;
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
/** The sixteen colours, roughly, to find the nearest of others. */
const COLOURS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

interface Style {
  fore: number | null;
  back: number | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}

const PLAIN: Style = {
  fore: null,
  back: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

function nearest(red: number, green: number, blue: number): number {
  let best = 0;
  let least = Infinity;
  COLOURS.forEach(([r, g, b], index) => {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}

/** One of 256 colours as one of sixteen. */
function ofPalette(index: number): number | null {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return index;
  if (index >= 232) {
    return nearest(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232));
  }
  const at = index - 16;
  const level = (step: number) => step === 0 ? 0 : 55 + 40 * step;
  return nearest(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
}

function apply(style: Style, codes: readonly number[]): Style {
  let now = { ...style };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) now = { ...PLAIN };
    else if (code === 1) now.bold = true;
    else if (code === 2) now.dim = true;
    else if (code === 3) now.italic = true;
    else if (code === 4) now.underline = true;
    else if (code === 7) now.inverse = true;
    else if (code === 22) now.bold = now.dim = false;
    else if (code === 23) now.italic = false;
    else if (code === 24) now.underline = false;
    else if (code === 27) now.inverse = false;
    else if (code >= 30 && code <= 37) now.fore = code - 30;
    else if (code >= 90 && code <= 97) now.fore = code - 82;
    else if (code === 39) now.fore = null;
    else if (code >= 40 && code <= 47) now.back = code - 40;
    else if (code >= 100 && code <= 107) now.back = code - 92;
    else if (code === 49) now.back = null;
    else if (code === 38 || code === 48) {
      const wide = codes[i + 1] === 2;
      const colour = wide
        ? nearest(codes[i + 2] ?? 0, codes[i + 3] ?? 0, codes[i + 4] ?? 0)
        : codes[i + 1] === 5
        ? ofPalette(codes[i + 2] ?? -1)
        : null;
      i += wide ? 4 : 2;
      if (code === 38) now.fore = colour;
      else now.back = colour;
    }
  }
  return now;
}

function classOf(style: Style): string {
  const named = (kind: string, colour: number) =>
    `${kind}-${colour >= 8 ? "bright-" : ""}${NAMES[colour % 8] ?? "white"}`;
  return [
    ...style.fore === null ? [] : [named("fg", style.fore)],
    ...style.back === null ? [] : [named("bg", style.back)],
    ...style.bold ? ["bold"] : [],
    ...style.dim ? ["dim"] : [],
    ...style.italic ? ["italic"] : [],
    ...style.underline ? ["underlined"] : [],
    ...style.inverse ? ["inverse"] : [],
  ].join(" ");
}

/** CSI, OSC and other strings, and two-character sequences; the first group: CSI's parameters, its end. */
const ESCAPE =
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  /(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)|\x1b[ -/]*[0-~]?/g;

/** What would be invisible, or turn the text around, is shown as what it is. */
function visible(text: string): string {
  return text.replace(
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => {
      const code = char.charCodeAt(0);
      return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? "\u2421" : "\ufffd";
    },
  );
}

/** What a terminal would show of a line that was written over: the part after the last return. */
function afterReturn(text: string): string {
  const whole = text.replace(/\r+$/, "");
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

/** A line in its parts. Sequences that move a cursor or set a title are left out. */
export function ansiParts(line: string): Part[] {
  const text = line.includes("\r") ? afterReturn(line) : line;
  if (!text.includes("\x1b") && !text.includes("\x9b")) {
    return text === "" ? [] : [{ text: visible(text), style: "" }];
  }
  const parts: Part[] = [];
  let style: Style = PLAIN;
  const push = (piece: string) => {
    if (piece !== "") parts.push({ text: visible(piece), style: classOf(style) });
  };
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] !== "m") continue;
    const codes = (match[1] ?? "").split(/[;:]/).map((each) => each === "" ? 0 : Number(each));
    style = apply(style, codes);
  }
  push(text.slice(from));
  return parts;
}

/** The same without any style. */
export function plainText(line: string): string {
  return ansiParts(line).map(({ text }) => text).join("");
}
