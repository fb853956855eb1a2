/** Numbers, times and words as pages show them. Pure; times are UTC until the reader's browser makes them local. */
import type { ServiceView } from "../../shared/api/views.ts";
import { isAtRest, stagedTone, type Tone } from "../../shared/tone.ts";

export { bytesText } from "../../shared/bytes_text.ts";
export { healthTone, stagedTone, type Tone } from "../../shared/tone.ts";

/** `2026-11-28 18:04:05 UTC`. */
export function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** For `datetime`: `2026-11-28T18:04:05.000Z`. */
export function instantIso(at: number): string {
  return new Date(at).toISOString();
}

/** `350 ms`, `12 s`, `5 min 3 s`, `2 h 10 min`, `3 d 4 h`. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts.slice(first, first + 2).filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** `1 service`, `3 services`. */
export function countText(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A code of the API as words: `dns_updating` is "dns updating". */
export function wordsOf(code: string): string {
  return code.replaceAll("_", " ");
}

/** A message as a sentence: with a capital letter and a full stop. */
export function sentenceOf(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`.replace(/[.]?$/, ".");
}

/** A digest or id, short enough for a table. */
export function shortHash(text: string): string {
  return text.replace(/^sha256:/, "").slice(0, 12);
}

/** How well a service is as a whole: its stage, made worse by trouble, its health or a missing replica. */
export function serviceTone(service: ServiceView): Tone {
  const tone = stagedTone(service);
  if (tone !== "good") return tone;
  if (service.health === "unhealthy") return "bad";
  return !isAtRest(service) && service.slots.running < service.slots.wanted ? "warn" : tone;
}

/** `2/3`: how many are up of those that are wanted; a job that is done or waits for its time lacks no container. */
export function replicasText(service: ServiceView): string {
  return isAtRest(service) ? "–" : `${service.slots.ready}/${service.slots.wanted}`;
}
