/** Times, stages and reasons as people read them. */
import type { Health, Stage } from "../../shared/model/report.ts";
import type { Reason } from "../../shared/model/verdict.ts";
import type { ServiceView } from "../../shared/api/views.ts";
import * as standing from "../../shared/tone.ts";
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

/** A moment as clocks show it in a time zone: `2026-03-29 03:00`, with seconds where there are any. */
export function zonedText(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    ...{ year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  }).formatToParts(at);
  const of = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  const seconds = of("second") === "00" ? "" : `:${of("second")}`;
  return `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}${seconds}`;
}

/** `in 5m`, `in 3h`. */
export function inText(at: number, now: number): string {
  return `in ${agoText(now, Math.max(at, now))}`;
}

/** `350ms`, `12s`, `5m 3s`, `2h 10m`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  return `${Math.floor(seconds / 3600)}h ${Math.floor(seconds % 3600 / 60)}m`;
}

/** A terminal leaves in the background what a page marks as not known or at rest. */
function terminalTone(tone: standing.Tone): Tone {
  return tone === "warn" || tone === "idle" ? "dim" : tone;
}

/** What colour a stage is shown in. */
export function stageTone(stage: Stage): Tone {
  return terminalTone(standing.stageTone(stage));
}

/** What colour a health is shown in. */
export function healthTone(health: Health): Tone {
  return terminalTone(standing.healthTone(health));
}

/** The sentence of a reason, if there is one. */
export function reasonText(reason: Reason | null): string {
  return reason?.message ?? "";
}

/** A digest or id, short enough for a table. */
export function shortHash(text: string | null): string {
  return text === null ? "" : text.replace(/^sha256:/, "").slice(0, 12);
}

/** How many are up of those that are wanted. */
export function readyCell(
  service: Pick<ServiceView, "kind" | "stage" | "slots">,
): { readonly text: string; readonly tone: Tone } {
  const { ready, wanted } = service.slots;
  return standing.isAtRest(service)
    ? { text: "-", tone: "dim" }
    : { text: `${ready}/${wanted}`, tone: ready >= wanted ? "good" : "bad" };
}
