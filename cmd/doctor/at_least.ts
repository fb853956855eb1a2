/** Versions compared by their numbers. */

/** Is a version such as `4.3.1` at least that one? */
export function atLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split(/[.+~-]/).map(Number);
  for (const [at, wanted] of least.entries()) {
    const part = parts[at] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
