/**
 * Branded identifiers. An id is a kind of two or three letters, an underscore and 26 lower-case base32
 * characters (130 random bits). They are made by the control plane from random bytes that the
 * caller hands in, so that pure code stays pure.
 */
import { z } from "zod";

const KINDS = [
  "prj",
  "svc",
  "rev",
  "rel",
  "dep",
  "vol",
  "nod",
  "key",
  "ep",
  "pin",
  "sec",
  "acc",
  "ses",
  "tok",
] as const;
/** What an id names. */
export type IdKind = (typeof KINDS)[number];

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Bytes of randomness that {@link makeId} needs. */
export const ID_BYTES = 26;

function idOf<K extends IdKind>(kind: K) {
  return z.string().regex(new RegExp(`^${kind}_[a-z2-7]{26}$`), `not a ${kind}_ id`)
    .brand<K>();
}

export const ProjectId = idOf("prj");
export type ProjectId = z.infer<typeof ProjectId>;
export const ServiceId = idOf("svc");
export type ServiceId = z.infer<typeof ServiceId>;
export const RevisionId = idOf("rev");
export type RevisionId = z.infer<typeof RevisionId>;
export const ReleaseId = idOf("rel");
export type ReleaseId = z.infer<typeof ReleaseId>;
export const DeploymentId = idOf("dep");
export type DeploymentId = z.infer<typeof DeploymentId>;
export const VolumeId = idOf("vol");
export type VolumeId = z.infer<typeof VolumeId>;
export const NodeId = idOf("nod");
export type NodeId = z.infer<typeof NodeId>;
export const KeyId = idOf("key");
export type KeyId = z.infer<typeof KeyId>;
export const EpochId = idOf("ep");
export type EpochId = z.infer<typeof EpochId>;
/** An image pin: what a reference was resolved to at one moment. */
export const PinId = idOf("pin");
export type PinId = z.infer<typeof PinId>;
/** One version of one secret. */
export const SecretVersionId = idOf("sec");
export type SecretVersionId = z.infer<typeof SecretVersionId>;
/** Somebody who logs in. */
export const AccountId = idOf("acc");
export type AccountId = z.infer<typeof AccountId>;
/** One login of an account, for as long as it lasts. */
export const SessionId = idOf("ses");
export type SessionId = z.infer<typeof SessionId>;
/** One API token of an account. */
export const TokenId = idOf("tok");
export type TokenId = z.infer<typeof TokenId>;

/**
 * The text of an id.
 * @param random at least {@link ID_BYTES} bytes
 */
export function makeId(kind: IdKind, random: Uint8Array): string {
  if (random.length < ID_BYTES) throw new RangeError(`makeId needs ${ID_BYTES} random bytes`);
  let text = "";
  for (let i = 0; i < ID_BYTES; i++) text += ALPHABET[(random[i] ?? 0) & 31];
  return `${kind}_${text}`;
}
