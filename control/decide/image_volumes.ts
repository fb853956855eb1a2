/** Volumes that an image declares itself: without a mount their data goes with each replacement. */
import type { Warning } from "../../shared/api/release.ts";
import { containerPath } from "../../shared/compose/paths.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import type { PinRow } from "../store/services.ts";
import { currentPins, referencesOf } from "./images.ts";
import type { Situation } from "./situation.ts";
import { ownValue } from "../../shared/own_value.ts";

/** By which name a pin's image is looked for on a node; null: only a registry knows it. */
function imageKeyOf(pin: Pick<PinRow, "reference" | "digest" | "imageId">): string | null {
  if (pin.imageId !== null) return pin.imageId;
  if (pin.digest === null) return null;
  const repository = pin.reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return `${repository}@${pin.digest}`;
}

/** Images that are known already, and so not resolved again: to be looked up on the node. Sorted. */
export function imagesToLookUp(situation: Situation): string[] {
  const { part } = situation;
  if (part === null) return [];
  const pins = currentPins(situation);
  const keys = new Set<string>();
  for (const [service, reference] of referencesOf(part)) {
    const built = ownValue(part.builds, service);
    if (built !== undefined) keys.add(built.imageId);
    else {
      const pin = reference === null ? undefined : pins.get(reference);
      const key = pin === undefined ? null : imageKeyOf(pin);
      if (key !== null) keys.add(key);
    }
  }
  return [...keys].sort();
}

/** What a pin's image declares; empty where no node has told it. */
export function volumesOfImage(situation: Situation, pin: PinRow): readonly string[] {
  const key = imageKeyOf(pin);
  const known = key === null ? undefined : situation.imageVolumes.get(key);
  if (known !== undefined) return known;
  const resolution = situation.resolved.get(pin.reference);
  if (resolution?.kind !== "resolved") return [];
  const { id, digest, volumes } = resolution.image;
  const same = id !== null && id === pin.imageId || digest !== null && digest === pin.digest;
  return same ? volumes : [];
}

/**
 * One for each path that no mount is at. A mount above it is not enough: Podman puts a nameless
 * volume over it.
 */
export function imageVolumeWarnings(
  service: string,
  spec: Pick<ServiceSpec, "image" | "mounts" | "secrets">,
  volumes: readonly string[],
): Warning[] {
  const mounted = new Set([...spec.mounts, ...spec.secrets].map((each) => each.target));
  const paths = new Set(volumes.flatMap((path) => containerPath(path) ?? []));
  return [...paths].filter((path) => path !== "/" && !mounted.has(path)).sort().map((path) => {
    const name = `${service}${path}`.replace(/[^a-zA-Z0-9_.]+/g, "-").slice(0, 100);
    // A path is the image's own word: one with a colon or blanks cannot be written in short.
    const line = /^[\w./@+-]+$/.test(path)
      ? `- ${name}:${path}`
      : `- { type: volume, source: ${name}, target: ${JSON.stringify(path)} }`;
    return {
      code: "image_volume_not_kept",
      message: `service "${service}": image "${spec.image.reference}" keeps data at ` +
        `${JSON.stringify(path)}, where nothing is mounted: it goes with each replacement`,
      remedy: `Write "${line}" under the service's volumes, and "${name}: {}" under volumes at ` +
        "the top level; or mount a tmpfs there.",
    };
  });
}
