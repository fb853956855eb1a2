/** Where the node itself reaches a deployment. Pure. */
import type { Deployment } from "../../shared/model/sections.ts";

/** Its address; of one on the host's own network the loopback's; null: it has no network. */
export function reachedAt(
  deployment: { readonly addresses: readonly string[] } & {
    readonly spec: Pick<Deployment["spec"], "hostNetwork">;
  },
): string | null {
  if (deployment.spec.hostNetwork === true) return "127.0.0.1";
  return deployment.addresses[0] ?? null;
}
