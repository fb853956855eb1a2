/** How well something is, in a word: pages and terminal give it their own colours. Pure. */
import type { ServiceView } from "./api/views.ts";
import type { Health, Stage } from "./model/report.ts";
import type { Reason } from "./model/verdict.ts";

/** `busy`: on its way; `warn`: not known, or less than wished; `idle`: at rest. */
export type Tone = "good" | "busy" | "warn" | "bad" | "idle";

/** How well a stage is. */
export function stageTone(stage: Stage): Tone {
  switch (stage) {
    case "healthy":
    case "running":
    case "scheduled":
    case "completed":
      return "good";
    case "failed":
    case "rolled_back":
      return "bad";
    case "pending":
    case "pulling":
    case "starting":
    case "dns_updating":
    case "traefik_updating":
    case "stopping_old":
      return "busy";
    case "unknown":
      return "warn";
    case "stopped":
      return "idle";
  }
}

/** Is it up: started, and well where it is checked? Its container runs then. */
export function isReady(seen: { readonly stage: Stage; readonly health: Health } | null): boolean {
  if (seen === null || seen.health === "starting" || seen.health === "unhealthy") return false;
  switch (seen.stage) {
    case "healthy":
    case "dns_updating":
    case "traefik_updating":
    case "stopping_old":
    case "running":
      return true;
    case "pending":
    case "pulling":
    case "starting":
    case "scheduled":
    case "unknown":
    case "stopped":
    case "completed":
    case "failed":
    case "rolled_back":
      return false;
  }
}

/** Codes of reasons that tell of work that goes on or waits for its turn; every other one tells of trouble. */
const PLAIN_REASONS: ReadonlySet<string> = new Set([
  "connections",
  "converged",
  "dependency",
  "health",
  "image",
  "names",
  "network",
  "no_effect",
  "publishing",
  "pulling",
  "routes",
  "secrets",
  "sharers",
  "sharing",
  "stop_first",
  "stopping",
  "ttl",
  "under_way",
]);

/** Does it tell of trouble, such as a pull that failed? */
export function isTrouble(reason: Reason | null): boolean {
  return reason !== null && !PLAIN_REASONS.has(reason.code);
}

/** How well something in a stage is: on its way is less than wished where trouble holds it up. */
export function stagedTone({ stage, reason }: { stage: Stage; reason: Reason | null }): Tone {
  const tone = stageTone(stage);
  return tone === "busy" && isTrouble(reason) ? "warn" : tone;
}

/** How well a health is. */
export function healthTone(health: Health): Tone {
  switch (health) {
    case "healthy":
      return "good";
    case "unhealthy":
      return "bad";
    case "starting":
      return "busy";
    case "none":
      return "idle";
  }
}

/** A job that is done or waits for its time: it lacks no container. */
export function isAtRest({ kind, stage }: Pick<ServiceView, "kind" | "stage">): boolean {
  return kind === "job" && (stage === "completed" || stage === "scheduled");
}
