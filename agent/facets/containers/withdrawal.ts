/**
 * Before a container is stopped nobody may still be led to it:
 *
 *     replacement healthy → names without the old → proxy shows the new revision
 *       → one TTL passed (resolvers forgot) → no connection left, or `drain` passed → stop
 */
import type { ContainersSection, Deployment } from "../../../shared/model/sections.ts";
import type { Instant, Verdict } from "../../../shared/model/verdict.ts";
import type { Intent } from "../../reconcile/intent.ts";
import { leavesFirst } from "../../reconcile/turn.ts";
import type { World } from "../../reconcile/world.ts";

type Waiting = Extract<Verdict<never>, { kind: "waiting" }>;

/** What is still to be waited for; null: it may stop. `now`: no courtesy beyond names and routes. */
export function withdrawal(
  world: World,
  deployment: Deployment,
  how: "drain" | "now",
  now: Instant,
): Waiting | null {
  const { names, routes } = world.seen;
  const waiting = (code: string, message: string, until?: Instant): Waiting => ({
    kind: "waiting",
    for: { code, message },
    since: now,
    ...(until === undefined ? {} : { until }),
  });
  // Its address is its host's, which stays; what listens there is what is to stop.
  if (deployment.spec.shares?.network !== undefined) return null;
  let out = Number.NEGATIVE_INFINITY;
  for (const address of deployment.addresses) {
    // A Worker or a proxy that is down leads nobody anywhere.
    if (names.alive && names.addresses.has(address)) {
      return waiting("names", "waits until no name leads to it");
    }
    if (routes.alive && [...routes.servers].some((server) => server.startsWith(`${address}:`))) {
      return waiting("routes", "waits until the proxy no longer leads to it");
    }
    out = Math.max(out, names.withdrawnAt.get(address) ?? Number.NEGATIVE_INFINITY);
  }
  if (how === "now" || out === Number.NEGATIVE_INFINITY) return null;
  const forgotten = out + world.desired.node.dnsTtlSeconds * 1000;
  const drained = Math.max(forgotten, out + deployment.spec.drainMs);
  if (now < forgotten) return waiting("ttl", "waits until resolvers forgot it", forgotten);
  const open = deployment.addresses.map((address) => world.connections.get(address) ?? null);
  if (open.every((count) => count === 0)) return null;
  if (now < drained) {
    const known = open.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    return waiting("connections", `${known} connections are open to it`, drained);
  }
  return null;
}

/** As withdrawal, of one that stops before its replacement starts; null too where no other serves. */
export function beforeYield(
  world: World,
  section: ContainersSection,
  deployment: Deployment,
  intent: Intent,
  now: Instant,
): Waiting | null {
  if (!leavesFirst(world, section, deployment, intent)) return null;
  return withdrawal(world, deployment, "drain", now);
}
