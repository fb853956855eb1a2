/** The signed intent for one node: a list of sections, each a blob named by its SHA-256. */
import { z } from "zod";
import { Sha256 } from "./hash.ts";
import { EpochId, KeyId, NodeId } from "./ids.ts";

/** A control plane's life: restoring one from a backup starts a new epoch with a higher `n`. */
export const Epoch = z.strictObject({ n: z.int().positive(), id: EpochId });
export type Epoch = z.infer<typeof Epoch>;

/** The schema version of manifests that this program writes and reads. */
export const MANIFEST_SCHEMA = 1;

export const SectionRef = z.strictObject({
  /** `capability` for the node's own, else `capability/project-id`. */
  section: z.string().regex(/^[a-z]+(\/prj_[a-z2-7]{26})?$/),
  /** An agent that does not know a critical section stops converging with `agent too old`. */
  critical: z.boolean(),
  sha256: Sha256,
  sizeBytes: z.int().nonnegative(),
});
export type SectionRef = z.infer<typeof SectionRef>;

export const Manifest = z.strictObject({
  schema: z.literal(MANIFEST_SCHEMA),
  node: NodeId,
  epoch: Epoch,
  /** Rises by one with each change of this node's intent within an epoch. */
  revision: z.int().nonnegative(),
  keyId: KeyId,
  /** Sorted by section. */
  sections: z.array(SectionRef).max(10_000),
  /** Blobs that the sections name (files that services bind, configs), sorted; all must be on disk. */
  files: z.array(z.strictObject({ sha256: Sha256, sizeBytes: z.int().nonnegative() })).max(100_000),
});
export type Manifest = z.infer<typeof Manifest>;

/** What travels and lies on disk: the exact bytes that were signed, and the Ed25519 signature (both base64). */
export const SignedManifest = z.strictObject({
  payload: z.base64(),
  signature: z.base64(),
  keyId: KeyId,
});
export type SignedManifest = z.infer<typeof SignedManifest>;
