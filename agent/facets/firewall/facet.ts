/** Firewall: who reaches whom, and published ports, in tables of our own. */
import type { HomeLayout } from "../../../shared/home.ts";
import type { FirewallWanted, Nftables } from "../../drivers/nftables/driver.ts";
import { digestOf } from "../../drivers/nftables/render.ts";
import type { Desired, Facet, Planned, World } from "../../reconcile/world.ts";
import type { ReadListeners } from "./listeners.ts";
import { choosePublished, type IngressPorts } from "./published.ts";
import { wantedFirewall } from "./wanted.ts";

export interface FirewallStep {
  readonly kind: "replace";
  readonly wanted: FirewallWanted;
  readonly digest: string;
}

export interface FirewallFacetDeps {
  readonly nftables: Nftables;
  readonly readListeners: ReadListeners;
  readonly home: Pick<HomeLayout, "bridge" | "nftTable">;
  /** May be a getter, where the ports are known later. */
  readonly ingress: IngressPorts;
}

export function createFirewallFacet(deps: FirewallFacetDeps): Facet<"firewall", FirewallStep> {
  const listenersOf = (desired: Desired) =>
    deps.readListeners(
      new Set(
        desired.firewall.flatMap((section) => section.published.map(({ port }) => port.hostPort)),
      ),
    );
  return {
    name: "firewall",
    async observe(desired, signal) {
      const { digest, published } = await deps.nftables.observe(deps.home.nftTable, signal);
      return { digest, live: published, listeners: await listenersOf(desired) };
    },
    plan: (world) => planFirewall(world, deps),
    async execute(_step, world, signal) {
      // A look may be half a minute old: who listens is asked again before a port is taken over.
      const firewall = { ...world.seen.firewall, listeners: await listenersOf(world.desired) };
      const now = { ...world, seen: { ...world.seen, firewall } };
      const { wanted, digest } = tablesOf(now, deps);
      await deps.nftables.replace(wanted, digest, signal);
    },
  };
}

function tablesOf(world: World, place: Pick<FirewallFacetDeps, "home" | "ingress">) {
  const { published, refused } = choosePublished(world, place.ingress);
  const wanted = wantedFirewall(world.desired, place.home, published);
  return { wanted, digest: digestOf(wanted), refused };
}

/** The tables first, then each published port that cannot be had, by deployment. Pure. */
export function planFirewall(
  world: World,
  place: Pick<FirewallFacetDeps, "home" | "ingress">,
): readonly Planned<FirewallStep>[] {
  const { wanted, digest, refused } = tablesOf(world, place);
  const tables: Planned<FirewallStep> = {
    subject: "firewall",
    verdict: world.seen.firewall.digest === digest ? { kind: "converged" } : {
      kind: "do",
      step: { kind: "replace", wanted, digest },
      key: `firewall/${digest}`,
      phase: "prepare",
      why: world.seen.firewall.digest === null
        ? "the firewall's tables are missing or were changed by another hand"
        : "the firewall's tables are for another state",
    },
  };
  return [
    tables,
    ...refused.map(({ deployment, reason, remedy }): Planned<FirewallStep> => ({
      subject: deployment,
      verdict: { kind: "blocked", reason, remedy },
    })),
  ];
}
