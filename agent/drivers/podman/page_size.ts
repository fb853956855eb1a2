/** How much memory the kernel gives out at once: 4 KiB on most machines, 16 or 64 KiB on some ARM ones. */

/** Of the auxiliary vector that the kernel hands to each program. */
const AT_PAGESZ = 6n;

/** Pure: the page size that an auxiliary vector tells; null: none. */
export function pageBytesIn(vector: Uint8Array): number | null {
  const view = new DataView(vector.buffer, vector.byteOffset, vector.byteLength);
  for (let at = 0; at + 16 <= view.byteLength; at += 16) {
    if (view.getBigUint64(at, true) === AT_PAGESZ) return Number(view.getBigUint64(at + 8, true));
  }
  return null;
}

/** Of this machine. */
export function pageBytes(): number {
  const vector = Deno.readFileSync("/proc/self/auxv");
  const found = pageBytesIn(vector);
  if (found === null) throw new Error("the kernel tells no page size in /proc/self/auxv");
  return found;
}
