/** What a reference was decided to mean, and which images are meant by it. Pure. */
import { z } from "zod";

/** `id` is the image's id on the node's platform where it is known. */
export const ImagePin = z.strictObject({
  reference: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/).nullable(),
  id: z.string().regex(/^[0-9a-f]{64}$/).nullable(),
});
export type ImagePin = z.infer<typeof ImagePin>;

/** An image by all that it is known by on a node. */
export interface NamedImage {
  /** 64 hex. */
  readonly id: string;
  /** `name:tag` */
  readonly references: readonly string[];
  /** `name@sha256:…` */
  readonly repoDigests: readonly string[];
}

/** Is it the image that the pin means: by id, by the registry's digest, or by its very name? */
export function isPinned(
  image: NamedImage,
  pin: { readonly [Key in keyof ImagePin]: ImagePin[Key] },
): boolean {
  if (pin.id !== null) return pin.id === image.id;
  if (pin.digest !== null && image.repoDigests.some((each) => each.endsWith(`@${pin.digest}`))) {
    return true;
  }
  return image.references.some((name) =>
    name === pin.reference || name.endsWith(`/${pin.reference}`)
  );
}
