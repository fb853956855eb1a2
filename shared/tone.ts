/** How well something is, in a word: pages and terminal give it their own colours. Pure. */
import type { ServiceView } from "./api/views.ts";
import type { Health, Stage } from "./model/report.ts";

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
