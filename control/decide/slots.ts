/** What becomes of each slot of a service: one runs, one may still serve until it does. */
import type { DeploymentReport, Stage } from "../../shared/model/report.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import type { DeploymentRow, Want } from "../store/deployments.ts";

/** It served once it got that far. */
const SERVED: ReadonlySet<Stage> = new Set([
  "healthy",
  "dns_updating",
  "traefik_updating",
  "stopping_old",
  "running",
  "scheduled",
]);

export type SlotDecision =
  /** What runs is what is wanted; `old` still retires behind it. */
  | {
    readonly kind: "unchanged";
    readonly current: DeploymentRow;
    readonly old: DeploymentRow | null;
    readonly wants: readonly WantChange[];
  }
  | { readonly kind: "created"; readonly wants: readonly WantChange[] }
  /** A new one takes the place of `old`. */
  | {
    readonly kind: "replaced";
    readonly old: DeploymentRow;
    readonly wants: readonly WantChange[];
  }
  | {
    readonly kind: "removed";
    readonly wants: readonly WantChange[];
    readonly last: DeploymentRow;
  };

export interface WantChange {
  readonly deployment: DeploymentRow;
  readonly want: Want;
}

/** The deployments of one slot that are not gone. */
export interface SlotNow {
  readonly run: DeploymentRow | null;
  readonly retiring: readonly DeploymentRow[];
}

/** Sorts a slot's deployments by what is wanted of them. */
export function slotNow(deployments: readonly DeploymentRow[]): SlotNow {
  return {
    run: deployments.find((each) => each.want === "run") ?? null,
    retiring: deployments.filter((each) => each.want === "retire")
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)),
  };
}

function absent(...deployments: readonly (DeploymentRow | null)[]): WantChange[] {
  return deployments.flatMap((deployment) =>
    deployment === null ? [] : [{ deployment, want: "absent" as const }]
  );
}

/** A slot that is no longer wanted. */
export function decideRemoved(now: SlotNow): SlotDecision | null {
  const last = now.run ?? now.retiring[0];
  if (last === undefined) return null;
  return { kind: "removed", last, wants: absent(now.run, ...now.retiring) };
}

/**
 * A slot that is wanted with a spec.
 * @param isSame does this deployment run the wanted revision as the wanted kind?
 */
export function decideWanted(
  now: SlotNow,
  isSame: (deployment: DeploymentRow) => boolean,
  observed: (deployment: DeploymentRow) => DeploymentReport | undefined,
): SlotDecision {
  const { run, retiring } = now;
  const [newestOld, ...olderOnes] = retiring;
  const stage = run === null ? undefined : observed(run)?.stage;
  const failed = stage === "failed" || stage === "rolled_back";
  if (run !== null && isSame(run) && !failed) {
    return { kind: "unchanged", current: run, old: newestOld ?? null, wants: absent(...olderOnes) };
  }
  const runServed = run !== null && stage !== undefined && SERVED.has(stage);
  const oldStopped = newestOld !== undefined && observed(newestOld)?.container === null;
  if (run !== null && !runServed && newestOld !== undefined) {
    // The one that was on its way never served: what served before it is what is replaced.
    if (isSame(newestOld) && !oldStopped) {
      return {
        kind: "unchanged",
        current: newestOld,
        old: null,
        wants: [...absent(run, ...olderOnes), { deployment: newestOld, want: "run" }],
      };
    }
    return { kind: "replaced", old: newestOld, wants: absent(run, ...olderOnes) };
  }
  if (run === null) return { kind: "created", wants: absent(...retiring) };
  if (failed) return { kind: "created", wants: absent(run, ...retiring) };
  return {
    kind: "replaced",
    old: run,
    wants: [...absent(...retiring), { deployment: run, want: "retire" }],
  };
}

export interface Order {
  readonly order: "beside" | "stop_first";
  readonly reason: string | null;
}

/** What the service's own file says of the order; where it is silent, beside. */
export function wishedOrder(order: "start-first" | "stop-first" | undefined): Order {
  return order === "stop-first"
    ? { order: "stop_first", reason: "its update_config says stop-first" }
    : { order: "beside", reason: null };
}

/** Why old and new may not run at once; null: they may. Host ports are no obstacle, since they are led to whichever serves. */
export function decideOrder(
  old: ServiceSpec,
  now: ServiceSpec,
  isJob: boolean,
  volumeName: (id: string) => string,
): Order | null {
  if (isJob) {
    return { order: "stop_first", reason: "it is a job: two at once would do its work twice" };
  }
  for (const mount of now.mounts) {
    if (mount.kind === "volume" && !mount.readOnly) {
      const shared = old.mounts.some((each) =>
        each.kind === "volume" && each.volume === mount.volume && !each.readOnly
      );
      if (shared) {
        return {
          order: "stop_first",
          reason: `both would write the volume "${volumeName(mount.volume)}"`,
        };
      }
    }
    if (mount.kind === "bind" && !mount.readOnly) {
      const shared = old.mounts.some((each) =>
        each.kind === "bind" && each.source === mount.source && !each.readOnly
      );
      if (shared) {
        return {
          order: "stop_first",
          reason: `both would write the folder "${mount.source}" of the host`,
        };
      }
    }
  }
  if (old.hostNetwork === true && now.hostNetwork === true) {
    return { order: "stop_first", reason: "both would listen on the ports of the host" };
  }
  if (now.macAddress !== undefined && old.macAddress === now.macAddress) {
    return { order: "stop_first", reason: `both would have the MAC address ${now.macAddress}` };
  }
  const shared = now.shares?.network;
  if (shared !== undefined && shared === old.shares?.network) {
    return {
      order: "stop_first",
      reason: `both would listen on the ports of "${shared}", whose network they share`,
    };
  }
  const device = sharedDevice(old, now);
  if (device !== null) {
    return { order: "stop_first", reason: `both would use the device "${device}" of the host` };
  }
  return null;
}

/** A serial line or a camera has one user at a time. */
function sharedDevice(old: ServiceSpec, now: ServiceSpec): string | null {
  const before = new Set(old.access?.devices?.map((each) => each.source));
  return now.access?.devices?.find((each) => before.has(each.source))?.source ?? null;
}
