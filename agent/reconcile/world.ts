/** All that a plan may look at. Planning is a pure function of a World and the time. */
import type {
  ContainersSection,
  Deployment,
  FirewallSection,
  ImagesSection,
  NamesSection,
  NodeSection,
  RegistriesSection,
  RoutesSection,
  SecretsSection,
  VolumesSection,
} from "../../shared/model/sections.ts";
import type { DeploymentId, PinId } from "../../shared/model/ids.ts";
import type { Epoch } from "../../shared/model/manifest.ts";
import type { Health } from "../../shared/model/report.ts";
import type { Instant, Reason, Verdict } from "../../shared/model/verdict.ts";
import type { ContainersSeen } from "../facets/containers/seen.ts";
import type { FirewallSeen } from "../facets/firewall/seen.ts";
import type { NamesSeen } from "../facets/names/seen.ts";
import type { NetworkSeen } from "../facets/network/seen.ts";
import type { RoutesSeen } from "../facets/routes/seen.ts";
import type { SecretsSeen } from "../facets/secrets/seen.ts";
import type { VolumesSeen } from "../facets/volumes/seen.ts";

/** The last-good intent, parsed. Lists are sorted by project. */
export interface Desired {
  readonly epoch: Epoch;
  readonly revision: number;
  readonly node: NodeSection;
  readonly containers: readonly ContainersSection[];
  readonly volumes: readonly VolumesSection[];
  readonly secrets: readonly SecretsSection[];
  readonly names: readonly NamesSection[];
  readonly routes: readonly RoutesSection[];
  readonly firewall: readonly FirewallSection[];
  readonly images: readonly ImagesSection[];
  /** Sorted by host; empty: nothing was said of any. */
  readonly registries: RegistriesSection["registries"];
}

export interface HealthSeen {
  readonly health: Health;
  /** Since when it is so. */
  readonly since: Instant;
  readonly failingStreak: number;
  /** Last output of a failing check, shortened; null: none. */
  readonly output: string | null;
}

/** What the agent remembers on disk about a deployment. */
export interface DeploymentMemory {
  /** First try to make or start it; the deadline counts from here. */
  readonly firstStartedAt: Instant | null;
  /** It has been healthy once: a later illness is no failed rollout. */
  readonly wasHealthy: boolean;
  /** The agent gave this replacement up; the one before serves on. */
  readonly gaveUp: { readonly at: Instant; readonly reason: Reason } | null;
  /** Restarts by the agent over the deployment's life, for people. */
  readonly restarts: number;
  /** Exits and illnesses in a row; back to 0 after it was healthy for a while. Back-off grows with it. */
  readonly crashStreak: number;
  /** When the agent last saw it exit or turn unhealthy; back-off counts from here. */
  readonly lastCrashAt: Instant | null;
  /** The start (its time) whose end is already counted in `crashStreak`. */
  readonly countedStartAt: Instant | null;
  /** A job that ended: it never runs again. */
  readonly jobExit: { readonly at: Instant; readonly code: number } | null;
}

export type PullState =
  | { readonly kind: "pulling"; readonly since: Instant; readonly progress: string }
  | {
    readonly kind: "failed";
    readonly at: Instant;
    readonly reason: Reason;
    readonly retryAt: Instant;
  };

export interface Seen {
  readonly network: NetworkSeen;
  readonly volumes: VolumesSeen;
  readonly secrets: SecretsSeen;
  readonly firewall: FirewallSeen;
  readonly containers: ContainersSeen;
  readonly names: NamesSeen;
  readonly routes: RoutesSeen;
}

export interface World {
  readonly desired: Desired;
  readonly seen: Seen;
  readonly health: ReadonlyMap<DeploymentId, HealthSeen>;
  readonly memory: ReadonlyMap<DeploymentId, DeploymentMemory>;
  readonly pulls: ReadonlyMap<PinId, PullState>;
  /** Established TCP connections into a container address, where it was asked for; absent: unknown. */
  readonly connections: ReadonlyMap<string, number>;
  /**
   * The deployments that names and routes lead to now (reconcile/serving.ts): of each slot the new
   * one once it is healthy, before that the old one.
   */
  readonly serving: ReadonlyMap<DeploymentId, Deployment>;
  /**
   * The deployments that names lead to: the serving ones, and where a service has none of those,
   * every one that runs, for peers that must find each other before they are healthy.
   */
  readonly named: ReadonlyMap<DeploymentId, Deployment>;
}

/** A verdict about one thing. */
export interface Planned<Step> {
  /** A deployment id, a volume's engine name, or the facet's own name. */
  readonly subject: string;
  readonly verdict: Verdict<Step>;
}

export type FacetName = keyof Seen;

export interface Facet<Name extends FacetName, Step> {
  readonly name: Name;
  observe(desired: Desired, signal: AbortSignal): Promise<Seen[Name]>;
  /** Pure. */
  plan(world: World, now: Instant): readonly Planned<Step>[];
  /** May be repeated. Returns soon: what takes long is started here and then seen. */
  execute(step: Step, world: World, signal: AbortSignal): Promise<void>;
}
