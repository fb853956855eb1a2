/**
 * Looks at the world through every facet. What costs a program to look at (nft, ip) is looked at
 * again only when it is old or when a step may have changed it.
 */
import { messageOf } from "../../shared/errors.ts";
import type { Clock } from "../../shared/clock.ts";
import type { BoundFacets } from "./action.ts";
import type { Desired, FacetName, Seen } from "./world.ts";

/** How long an observation may serve, in milliseconds; 0: for one turn only. */
const KEEP_MS: Record<FacetName, number> = {
  network: 30_000,
  volumes: 30_000,
  secrets: 30_000,
  firewall: 30_000,
  containers: 0,
  names: 0,
  routes: 0,
};

export type Observation =
  | {
    readonly kind: "seen";
    readonly seen: Seen;
    /** Facets that could not look, and why; their part of `seen` is what they saw before. */
    readonly blind: ReadonlyMap<FacetName, string>;
  }
  /** A facet has never seen anything yet, so nothing can be planned. */
  | { readonly kind: "blind"; readonly blind: ReadonlyMap<FacetName, string> };

export interface Observer {
  observe(desired: Desired, signal: AbortSignal): Promise<Observation>;
  /** Look at this one again at the next turn. */
  forget(facet: FacetName): void;
}

export function createObserver(facets: BoundFacets, clock: Clock): Observer {
  const last: Partial<Seen> = {};
  const lookedAt = new Map<FacetName, number>();

  async function look<Name extends FacetName>(
    name: Name,
    desired: Desired,
    signal: AbortSignal,
    blind: Map<FacetName, string>,
  ): Promise<Seen[Name] | undefined> {
    const kept: Seen[Name] | undefined = last[name];
    const age = clock.monotonic() - (lookedAt.get(name) ?? Number.NEGATIVE_INFINITY);
    if (kept !== undefined && age < KEEP_MS[name]) return kept;
    try {
      const seen = await facets[name].observe(desired, signal);
      last[name] = seen;
      lookedAt.set(name, clock.monotonic());
      return seen;
    } catch (thrown) {
      signal.throwIfAborted();
      blind.set(name, messageOf(thrown));
      return kept;
    }
  }

  let lookedFor: Desired | null = null;

  return {
    async observe(desired, signal) {
      // What is seen may depend on what is wanted: a setting is wrong only against a wish.
      if (desired !== lookedFor) lookedAt.clear();
      lookedFor = desired;
      const blind = new Map<FacetName, string>();
      const at = <Name extends FacetName>(name: Name) => look(name, desired, signal, blind);
      const [network, volumes, secrets, firewall, containers, names, routes] = await Promise.all([
        at("network"),
        at("volumes"),
        at("secrets"),
        at("firewall"),
        at("containers"),
        at("names"),
        at("routes"),
      ]);
      const complete = network && volumes && secrets && firewall && containers && names && routes;
      if (!complete) return { kind: "blind", blind };
      return {
        kind: "seen",
        seen: { network, volumes, secrets, firewall, containers, names, routes },
        blind,
      };
    },
    forget: (facet) => void lookedAt.delete(facet),
  };
}
