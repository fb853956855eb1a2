/** What a container's state really is, from Podman's word and the facts of /proc. Pure. */
import type { ContainerState } from "./driver.ts";

export interface StateFacts {
  /** State as Podman says it, any case. */
  readonly listed: string;
  readonly process: "alive" | "zombie" | "gone";
  readonly conmon: "alive" | "zombie" | "gone";
  /** Since when one of both is known to be not alive, in milliseconds of a steady clock; 0: just now. */
  readonly missingMs: number;
}

/** A conmon that lives needs this long at most to tell Podman that its process ended. */
export const CONMON_GRACE_MS = 5000;

/** Podman's own state names, put into ours; `running` and its like still need the facts. */
export function listedState(listed: string): ContainerState {
  switch (listed.toLowerCase()) {
    case "created":
    case "configured":
    case "initialized":
      return "created";
    case "running":
      return "running";
    case "paused":
      return "paused";
    case "stopping":
    case "removing":
      return "stopping";
    case "stopped":
    case "exited":
      return "exited";
    default:
      return "unknown";
  }
}

/**
 * A process that ended under a conmon that lives is `stopping`: conmon is about to tell. Where it
 * does not tell within {@link CONMON_GRACE_MS}, or conmon is gone, the container is `dead`.
 */
export function trueState(facts: StateFacts): ContainerState {
  const said = listedState(facts.listed);
  switch (said) {
    case "running":
    case "paused":
    case "stopping":
      if (facts.process === "alive" && facts.conmon === "alive") return said;
      if (facts.conmon === "alive" && facts.missingMs < CONMON_GRACE_MS) return "stopping";
      return "dead";
    case "created":
    case "exited":
    case "dead":
    case "unknown":
      return said;
    default: {
      const never: never = said;
      return never;
    }
  }
}
