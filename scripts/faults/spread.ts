/** Which of many moments are tried. Pure. */

/** `count` numbers of 1 … `most`: all of them where there are not more, else evenly spread. */
export function spread(count: number, most: number): readonly number[] {
  if (count >= most) return Array.from({ length: most }, (_, index) => index + 1);
  return Array.from(
    { length: count },
    (_, index) => 1 + Math.floor(((index + 0.5) * most) / count),
  );
}
