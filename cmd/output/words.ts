/** Times, stages and reasons as people read them. */
import type { Health, Stage } from "../../shared/model/report.ts";
import type { Reason } from "../../shared/model/verdict.ts";
import type { Tone } from "../terminal.ts";

export { bytesText } from "../../shared/bytes_text.ts";

/** `12s`, `5m`, `3h`, `2d` since a moment; empty where there is none. */
export function agoText(at: number | null, now: number): string {
  if (at === null) return "";
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** What colour a stage is shown in. */
export function stageTone(stage: Stage): Tone {
  switch (stage) {
    case "healthy":
    case "running":
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
    case "stopped":
      return "dim";
  }
}

/** What colour a health is shown in. */
export function healthTone(health: Health): Tone {
  switch (health) {
    case "healthy":
      return "good";
    case "unhealthy":
      return "bad";
    case "starting":
      return "busy";
    case "none":
      return "dim";
  }
}

/** The sentence of a reason, if there is one. */
export function reasonText(reason: Reason | null): string {
  return reason?.message ?? "";
}

/** A digest or id, short enough for a table. */
export function shortHash(text: string | null): string {
  return text === null ? "" : text.replace(/^sha256:/, "").slice(0, 12);
}
