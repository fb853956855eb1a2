/** A facet's plan with its steps made runnable, so that one loop can hold facets of every kind. */
import type { Instant, Verdict } from "../../shared/model/verdict.ts";
import type { Desired, Facet, FacetName, Seen, World } from "./world.ts";

/** Carries one step out against the world that it was planned on. */
export type Run = (world: World, signal: AbortSignal) => Promise<void>;

export interface Action {
  readonly facet: FacetName;
  readonly subject: string;
  readonly verdict: Verdict<Run>;
}

/** A facet whose step type is known only to itself. */
export interface BoundFacet<Name extends FacetName> {
  readonly name: Name;
  observe(desired: Desired, signal: AbortSignal): Promise<Seen[Name]>;
  actions(world: World, now: Instant): readonly Action[];
}

export type BoundFacets = { readonly [Name in FacetName]: BoundFacet<Name> };

export function bindFacet<Name extends FacetName, Step>(
  facet: Facet<Name, Step>,
): BoundFacet<Name> {
  return {
    name: facet.name,
    observe: (desired, signal) => facet.observe(desired, signal),
    actions: (world, now) =>
      facet.plan(world, now).map(({ subject, verdict }): Action => ({
        facet: facet.name,
        subject,
        verdict: verdict.kind !== "do" ? verdict : {
          ...verdict,
          step: (current, signal) => facet.execute(verdict.step, current, signal),
        },
      })),
  };
}
