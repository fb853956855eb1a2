/** What is to be done for the ingress. Pure. */
import type { Instant } from "../../../shared/model/verdict.ts";
import type { Planned } from "../../reconcile/world.ts";
import type { IngressRoute } from "../../drivers/traefik/config.ts";
import type { RoutesSeen } from "./seen.ts";
import type { RoutesWorld } from "./view.ts";
import { wantedRoutes } from "./wanted.ts";

export type RoutesStep =
  | { readonly kind: "start" }
  /** Stops the running one first: it was started otherwise than now, or it hangs. */
  | { readonly kind: "restart" }
  | {
    readonly kind: "publish";
    readonly digest: string;
    readonly routes: readonly IngressRoute[];
  };

/** Codes of `RoutesSeen.problem` that the facet mends itself. */
export const PROXY_OUTDATED = "proxy_outdated";
export const PROXY_HUNG = "proxy_hung";
export const PROXY_FAILED = "proxy_failed";
export const PROXY_STARTING = "proxy_starting";

export function planRoutes(world: RoutesWorld, now: Instant): readonly Planned<RoutesStep>[] {
  const wanted = wantedRoutes(world);
  const refused = wanted.all.flatMap(({ ingress, problem }): Planned<RoutesStep>[] => {
    if (problem === null) return [];
    const { code, message, remedy } = problem;
    const reason = { code, message: `route ${ingress.id} is left out: ${message}` };
    return [{ subject: `routes:${ingress.id}`, verdict: { kind: "blocked", reason, remedy } }];
  });
  const seen = world.seen.routes;
  const proxy = planProxy(seen, now);
  if (proxy !== null) return [proxy, ...refused];
  if (seen.digest === wanted.digest) {
    return [{ subject: "routes", verdict: { kind: "converged" } }, ...refused];
  }
  const step = { kind: "publish", digest: wanted.digest, routes: wanted.served } as const;
  const why = seen.digest === null
    ? "the proxy does not show the routes that it was given"
    : "routes or their servers changed";
  const verdict = {
    kind: "do",
    step,
    key: `routes:${wanted.digest}`,
    phase: "publish",
    why,
  } as const;
  return [{ subject: "routes", verdict }, ...refused];
}

/** What the proxy itself needs before anything can be published; null: nothing. */
function planProxy(seen: RoutesSeen, now: Instant): Planned<RoutesStep> | null {
  const act = (kind: "start" | "restart", why: string): Planned<RoutesStep> => ({
    subject: "routes",
    verdict: { kind: "do", step: { kind }, key: `routes:${kind}`, phase: "publish", why },
  });
  const { problem } = seen;
  if (problem === null) return seen.alive ? null : act("start", "the proxy does not run");
  switch (problem.code) {
    case PROXY_OUTDATED:
    case PROXY_HUNG:
      return act("restart", problem.message);
    case PROXY_FAILED:
      return act("start", problem.message);
    case PROXY_STARTING: {
      const reason = { code: problem.code, message: problem.message };
      return { subject: "routes", verdict: { kind: "waiting", for: reason, since: now } };
    }
    default: {
      const reason = { code: problem.code, message: problem.message };
      return { subject: "routes", verdict: { kind: "blocked", reason, remedy: problem.remedy } };
    }
  }
}
