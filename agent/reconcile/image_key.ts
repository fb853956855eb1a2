/** By which name a deployment's image is looked for on the node. Pure. */
import type { Deployment } from "../../shared/model/sections.ts";

/**
 * The id where it is known. Else by digest: what is pulled so has no tag on this node, and what a
 * tag means here may be another image. Else the reference as it was written.
 */
export function imageKey(image: Deployment["image"]): string {
  if (image.id !== null) return image.id;
  return image.digest === null ? image.reference : byDigest(image.reference, image.digest);
}

/** `repository:tag` and a digest as `repository@digest`. */
export function byDigest(reference: string, digest: string): string {
  const repository = reference.split("@")[0] ?? reference;
  const colon = repository.lastIndexOf(":");
  const hasTag = colon > repository.lastIndexOf("/");
  return `${hasTag ? repository.slice(0, colon) : repository}@${digest}`;
}
