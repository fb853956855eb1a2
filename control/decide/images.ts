/** Which image a service runs: a pin is kept while the reference's text stays. */
import type { ComposePart } from "../../shared/api/release.ts";
import type { PinId } from "../../shared/model/ids.ts";
import { PinId as PinIdSchema } from "../../shared/model/ids.ts";
import type { PinRow } from "../store/services.ts";
import type { Fault } from "./fault.ts";
import type { DecideTools, Situation } from "./situation.ts";
import type { Warning } from "../../shared/api/release.ts";
import { ownValue } from "../../shared/own_value.ts";

/** The reference that each service of a part asks for, sorted by service; null: it has none. */
export function referencesOf(part: ComposePart): Map<string, string | null> {
  const references = new Map<string, string | null>();
  for (const name of Object.keys(part.model.services).sort()) {
    references.set(
      name,
      ownValue(part.builds, name)?.reference ?? part.model.services[name]?.image ?? null,
    );
  }
  return references;
}

/** The pins that run now in the project, newest first for each reference. */
export function currentPins(situation: Situation): Map<string, PinRow> {
  const pins = new Map<string, PinRow>();
  for (const deployment of situation.live) {
    if (deployment.projectId !== situation.project?.id || deployment.want === "absent") continue;
    const revision = situation.revisions.get(deployment.revisionId);
    const pin = revision === undefined ? undefined : situation.pins.get(revision.pinId);
    if (pin === undefined) continue;
    const known = pins.get(pin.reference);
    if (known === undefined || deployment.want === "run" && known.createdAt <= pin.createdAt) {
      pins.set(pin.reference, pin);
    }
  }
  return pins;
}

/** Of which references the registry is asked anew: of all, or where a service says `pull_policy: always`. */
export function askedAnew(situation: Situation): (reference: string) => boolean {
  const { part } = situation;
  if (situation.pull) return () => true;
  const always = new Set<string>();
  for (const { image, pull_policy: policy } of Object.values(part?.model.services ?? {})) {
    if (image !== undefined && policy === "always") always.add(image);
  }
  return (reference) => always.has(reference);
}

/** References that somebody has to be asked about before this can be decided. Builds need no asking. */
export function unresolvedReferences(situation: Situation): string[] {
  const { part } = situation;
  if (part === null) return [];
  const pins = currentPins(situation);
  const isAskedAnew = askedAnew(situation);
  const asked = new Set<string>();
  for (const [service, reference] of referencesOf(part)) {
    if (reference === null || ownValue(part.builds, service) !== undefined) continue;
    if (situation.resolved.has(reference)) continue;
    if (isAskedAnew(reference) || !pins.has(reference)) asked.add(reference);
  }
  return [...asked].sort();
}

export interface DecidedPins {
  /** By service. */
  readonly pins: ReadonlyMap<string, PinRow>;
  readonly added: readonly PinRow[];
}

/** A pin for each service. */
export function decidePins(
  situation: Situation,
  part: ComposePart,
  projectId: PinRow["projectId"],
  tools: DecideTools,
  faults: Fault[],
  warnings: Warning[],
): DecidedPins {
  const current = currentPins(situation);
  const pins = new Map<string, PinRow>();
  const added = new Map<string, PinRow>();
  const add = (reference: string, digest: string | null, imageId: string | null): PinRow => {
    const key = `${reference} ${digest} ${imageId}`;
    const known = added.get(key);
    if (known !== undefined) return known;
    const id: PinId = PinIdSchema.parse(tools.newId("pin"));
    const pin = { id, projectId, reference, digest, imageId, createdAt: situation.now };
    added.set(key, pin);
    return pin;
  };
  const said = new Set<string>();
  const isAskedAnew = askedAnew(situation);
  for (const [service, reference] of referencesOf(part)) {
    if (reference === null) {
      faults.push({
        code: "image_missing",
        detail: `service "${service}" has neither an image nor a build that was made`,
        remedy: "Write `image:`, or apply with a program that builds `build:`.",
      });
      continue;
    }
    const kept = current.get(reference);
    const built = ownValue(part.builds, service);
    if (built !== undefined) {
      pins.set(
        service,
        kept?.imageId === built.imageId ? kept : add(reference, null, built.imageId),
      );
      continue;
    }
    const resolution = situation.resolved.get(reference);
    const anew = isAskedAnew(reference);
    if (kept !== undefined && (!anew || resolution?.kind !== "resolved")) {
      pins.set(service, kept);
      if (anew && !said.has(reference)) {
        said.add(reference);
        warnings.push({
          code: "image_not_asked",
          message: `image "${reference}" stays as it is: ${
            resolution === undefined || resolution.kind === "resolved"
              ? "not asked"
              : resolution.message
          }`,
          remedy: null,
        });
      }
      continue;
    }
    if (resolution?.kind === "not_found") {
      if (!said.has(reference)) {
        faults.push({
          code: "image_not_found",
          detail:
            `image "${reference}" of service "${service}" cannot be had: ${resolution.message}`,
          remedy: resolution.remedy ??
            "Correct the name or the tag; what is private wants `skerry registry login HOST`.",
        });
      }
      said.add(reference);
      continue;
    }
    if (resolution?.kind === "resolved") {
      const { digest, id } = resolution.image;
      const same = kept !== undefined &&
        (digest !== null && kept.digest === digest || id !== null && kept.imageId === id);
      pins.set(service, same ? kept : add(reference, digest, id));
      continue;
    }
    if (!said.has(reference)) {
      warnings.push({
        code: "image_unresolved",
        message: `image "${reference}" could not be looked up (${
          resolution?.message ?? "no node answered"
        }); it is pulled when its registry answers`,
        remedy: "Check the way to the registry; nothing else is held up.",
      });
    }
    said.add(reference);
    pins.set(service, add(reference, null, null));
  }
  return { pins, added: [...added.values()] };
}
