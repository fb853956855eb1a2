/** Keeps Traefik's access log within a budget: renamed away once large, then Traefik reopens it. */

export interface AccessLogBudget {
  /** Size at which the file is turned over. */
  readonly fileBytes: number;
  /** Files kept beside the current one: PATH.1 (youngest) to PATH.N. */
  readonly keep: number;
}

export const DEFAULT_ACCESS_LOG: AccessLogBudget = { fileBytes: 16 * 1024 * 1024, keep: 3 };

/**
 * Turns the log over if it is larger than its budget; `reopen` must make the writer open PATH
 * anew. Lines written between rename and reopening go to PATH.1: none is lost.
 */
export async function turnOver(
  path: string,
  budget: AccessLogBudget,
  reopen: () => void,
): Promise<boolean> {
  const size = await Deno.stat(path).then((stat) => stat.size, () => 0);
  if (size <= budget.fileBytes) return false;
  for (let n = budget.keep; n > 1; n--) {
    await Deno.rename(`${path}.${n - 1}`, `${path}.${n}`).catch(ignoreMissing);
  }
  await Deno.rename(path, `${path}.1`);
  reopen();
  return true;
}

function ignoreMissing(thrown: unknown): void {
  if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
}
