/** "Did you mean …": the nearest of some names. */

/** Edit distance with neighbours swapped counting one (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The name of `names` that was probably meant, or null. */
export function nearest(written: string, names: Iterable<string>): string | null {
  if (written.length > 64) return null;
  const flat = (name: string) => name.toLowerCase().replace(/[-_. ]/g, "");
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const name of names) {
    const distance = editDistance(flat(written), flat(name));
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  // Every name of one letter is near every other one.
  const most = written.length < 3 ? 0 : Math.floor(written.length / 3);
  return bestDistance <= most ? best : null;
}
