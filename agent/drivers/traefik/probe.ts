/** The revision probe: `GET /rev-REVISION` answers 200 exactly while that revision is served. */

/** `live`: that revision is served; `other`: Traefik answers, with another one; `silent`: no answer. */
export type ProbeAnswer = "live" | "other" | "silent";

const TIMEOUT_MS = 2_000;

export async function probe(port: number, revision: string): Promise<ProbeAnswer> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(`http://127.0.0.1:${port}/rev-${revision}`, {
      signal: abort.signal,
      headers: { connection: "close" },
    });
    await response.body?.cancel();
    return response.status === 200 ? "live" : "other";
  } catch {
    return "silent";
  } finally {
    clearTimeout(timer);
  }
}
