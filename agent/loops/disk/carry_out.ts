/** Carries a plan of collecting out, and says what came of it. */
import { messageOf } from "../../../shared/errors.ts";
import { bytesText } from "../../../shared/bytes_text.ts";
import type { Log } from "../../../shared/log.ts";
import type { ImageListed } from "../../drivers/podman/driver.ts";
import type { CollectPlan, CollectStep } from "./plan.ts";

export interface CollectEffects {
  removeImage(image: string): Promise<void>;
  dropLog(deployment: string, number: number): Promise<void>;
  dropEvents(number: number): Promise<void>;
  readonly log: Log;
}

/** Removes an image with all its names: by its id alone Podman takes none that has several. */
export async function removeWhole(
  remove: (image: string) => Promise<void>,
  image: Pick<ImageListed, "id"> & { readonly names: readonly string[] },
): Promise<void> {
  if (image.names.length < 2) return await remove(image.id);
  for (const name of image.names) await remove(name);
}

/** Those that were done; what fails is logged and left. */
export async function carryOut(
  steps: readonly CollectStep[],
  effects: CollectEffects,
): Promise<CollectStep[]> {
  const done: CollectStep[] = [];
  for (const step of steps) {
    try {
      await carryOutOne(step, effects);
      done.push(step);
    } catch (thrown) {
      const { kind, why } = step;
      effects.log.warn("could not be collected", { kind, why, reason: messageOf(thrown) });
    }
  }
  return done;
}

async function carryOutOne(step: CollectStep, effects: CollectEffects): Promise<void> {
  switch (step.kind) {
    case "image":
      return await removeWhole(effects.removeImage, step);
    case "log":
      return await effects.dropLog(step.deployment, step.number);
    case "events":
      return await effects.dropEvents(step.number);
  }
}

const NAMED = 5;

/** One sentence for people: what went, what it gave, and why. Pure. */
export function collectedText(
  done: readonly CollectStep[],
  freedBytes: number,
  cause: Exclude<CollectPlan["cause"], null>,
  usedPercent: number,
): string {
  const images = done.filter((step) => step.kind === "image");
  const names = images.map((step) => step.names[0] ?? step.id.slice(0, 12));
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : "";
  const segments = done.filter((step) => step.kind === "log").length;
  const events = done.filter((step) => step.kind === "events").length;
  const parts = [
    images.length === 0
      ? ""
      : `${count(images.length, "image")} that nothing needs (${
        names.slice(0, NAMED).join(", ")
      }${more})`,
    segments === 0 ? "" : `${count(segments, "file")} of the oldest logs`,
    events === 0 ? "" : `${count(events, "file")} of the oldest events`,
  ].filter((part) => part !== "");
  return `removed ${parts.join(" and ")}, which freed ${bytesText(freedBytes)}: ` +
    causeText(cause, usedPercent);
}

function causeText(cause: Exclude<CollectPlan["cause"], null>, usedPercent: number): string {
  switch (cause) {
    case "budget":
      return "the disk budget was passed";
    case "disk":
    case "full":
      return `the disk was ${usedPercent} % full`;
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
