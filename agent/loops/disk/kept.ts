/** Which images a node never collects, and why. Pure. */
import { isPinned } from "../../../shared/model/image_pin.ts";
import type { Instant } from "../../../shared/model/verdict.ts";
import type { ImageListed } from "../../drivers/podman/driver.ts";
import type { Desired } from "../../reconcile/world.ts";
import type { HeldImage } from "./plan.ts";

/** What is known of an image beside what it is. */
export interface ImageUse {
  /** It was used until then; null: it is used. */
  readonly unusedSince: Instant | null;
  /** Somebody fetched it or asked for it: it stays at least until then. */
  readonly keepUntil: Instant | null;
}

/**
 * Each image with the reason why it stays. Without an intent, or with one of a control plane that
 * does not say what is to be kept, everything stays: nobody knows what is needed.
 */
export function heldImages(
  images: readonly ImageListed[],
  desired: Desired | null,
  uses: ReadonlyMap<string, ImageUse>,
  now: Instant,
): HeldImage[] {
  const told = desired !== null &&
    desired.containers.every(({ project }) =>
      desired.images.some((section) => section.project === project)
    );
  return images.map((image) => ({
    id: image.id,
    names: image.references,
    bytes: image.sizeBytes,
    keptFor: told
      ? reasonToKeep(image, desired, uses.get(image.id), now)
      : "it is not known what is needed",
    unusedSince: Math.min(uses.get(image.id)?.unusedSince ?? image.createdAt, now),
  }));
}

function reasonToKeep(
  image: ImageListed,
  desired: Desired,
  use: ImageUse | undefined,
  now: Instant,
): string | null {
  if (image.containers > 0) return "a container is made of it";
  const wanted = desired.containers.some(({ deployments }) =>
    deployments.some((each) => isPinned(image, each.image))
  );
  if (wanted) return "what is wanted runs from it";
  const kept = desired.images.some(({ kept }) => kept.some((pin) => isPinned(image, pin)));
  if (kept) return "the current, the previous or the last good release needs it";
  if (use?.unusedSince === null) return "what runs uses it";
  const { keepUntil } = use ?? {};
  return keepUntil != null && keepUntil > now ? "somebody fetched it or asked for it" : null;
}
