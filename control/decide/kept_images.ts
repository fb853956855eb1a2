/** Which images pruning leaves. Pure. */
import { isPinned as isMeant } from "../../shared/model/image_pin.ts";
import type { ImageOnNode } from "../../shared/model/link.ts";
import type { PinRow } from "../store/services.ts";

export type KeptFor = "running" | "container" | "previous";

/** What a service, now or in the release before, is pinned to. */
export interface NeededPin {
  readonly pin: PinRow;
  /** `project/service` */
  readonly user: string;
  readonly when: "running" | "previous";
}

export interface JudgedImage {
  readonly image: ImageOnNode;
  /** Users that run now, sorted. */
  readonly usedBy: readonly string[];
  /** null: nothing needs it. */
  readonly keptFor: KeptFor | null;
}

/** Is this the image that the pin means? */
export function isPinned(image: ImageOnNode, pin: PinRow): boolean {
  return isMeant(image, { reference: pin.reference, digest: pin.digest, id: pin.imageId });
}

/** Each image with who needs it, in the order given. */
export function judgeImages(
  images: readonly ImageOnNode[],
  needed: readonly NeededPin[],
): JudgedImage[] {
  return images.map((image) => {
    const own = needed.filter(({ pin }) => isPinned(image, pin));
    const running = own.filter(({ when }) => when === "running").map(({ user }) => user);
    const keptFor = running.length > 0
      ? "running"
      : image.containers > 0
      ? "container"
      : own.length > 0
      ? "previous"
      : null;
    return { image, usedBy: [...new Set(running)].sort(), keptFor };
  });
}
