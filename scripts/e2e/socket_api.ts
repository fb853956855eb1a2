/** Asks a box's control plane over its socket: what a scenario polls for costs no program a turn. */
import { type ApiClient, createApiClient } from "../../shared/api/client.ts";
import type { HomeLayout } from "../../shared/home.ts";

const TIMEOUT_MS = 30_000;

/** Rejects where it does not answer. The socket lies in a folder that all hosts of a lab share. */
export async function overSocket<T>(
  layout: HomeLayout,
  ask: (api: ApiClient) => Promise<T>,
): Promise<T> {
  using client = Deno.createHttpClient({
    proxy: { transport: "unix", path: layout.controlSocket },
  });
  const api = createApiClient((request) =>
    fetch(request, { client, signal: AbortSignal.timeout(TIMEOUT_MS) })
  );
  return await ask(api);
}
