/** Which of many moments are tried. Pure. */

/**
 * `count` numbers of 1 … `most`: all of them where there are not more. However many of the first are
 * taken, they are spread evenly: each lies in the middle of a gap that those before it have left.
 */
export function spread(count: number, most: number): readonly number[] {
  const bits = Math.ceil(Math.log2(Math.max(2, most)));
  const found = new Set<number>();
  // Bits in reverse order: 1/2, 1/4, 3/4, 1/8, …; 0 comes last.
  for (let index = 1; index <= 2 ** bits && found.size < Math.min(count, most); index++) {
    let part = 0;
    for (let bit = 0; bit < bits; bit++) if ((index >> bit) & 1) part += 2 ** -(bit + 1);
    found.add(1 + Math.floor(part * most));
  }
  return [...found];
}
