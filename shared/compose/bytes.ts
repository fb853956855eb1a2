/** Sizes as Compose writes them: `512m`, `1gb`, `1.5GiB`, `1048576`; k, m, g, t are powers of 1024. */

const POWERS: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Whole bytes, or null where the text is no size. */
export function sizeBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:b|ib)?|(b))?$/i.exec(text);
  if (match === null) return null;
  const power = POWERS[(match[2] ?? match[3] ?? "b").toLowerCase()] ?? 0;
  const bytes = Math.floor(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
