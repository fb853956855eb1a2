/** The agent API: enrolment, the expected state, its blobs, and reports. */
import { z } from "zod";
import { EpochId, KeyId, NodeId } from "../model/ids.ts";
import { Epoch } from "../model/manifest.ts";

/** 32 bytes, base64. */
export const PublicKey = z.base64().length(44);
export type PublicKey = z.infer<typeof PublicKey>;

export const EnrollRequest = z.strictObject({
  /** Used once; made by `skerry up` in its own process, or by `skerry token`. */
  token: z.string().min(16).max(256),
  /** What the node would like to be called; the host's name. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  /** Public keys: Ed25519 to sign, Curve25519 to seal, Curve25519 for WireGuard. */
  keys: z.strictObject({ sign: PublicKey, seal: PublicKey, wg: PublicKey }),
  agent: z.strictObject({ version: z.string().max(64), features: z.array(z.string()).max(100) }),
  /** Addresses of containers that it holds already. */
  addresses: z.array(z.ipv4()).max(65_536),
});
export type EnrollRequest = z.infer<typeof EnrollRequest>;

export const EnrollAnswer = z.object({
  node: NodeId,
  name: z.string(),
  containerSubnet: z.cidrv4(),
  epoch: Epoch,
  /** Ed25519 key that manifests are signed with. */
  controlKey: z.object({ id: KeyId, publicKey: PublicKey }),
  /** The id under which the node's own sign key is known; `keyid` of its request signatures. */
  nodeKey: KeyId,
});
export type EnrollAnswer = z.infer<typeof EnrollAnswer>;

/** The control plane's answer to a report. */
export const StatusAnswer = z.object({
  /** The revision that the node should be at. */
  revision: z.int().nonnegative(),
  epoch: z.object({ n: z.int().positive(), id: EpochId }),
});
export type StatusAnswer = z.infer<typeof StatusAnswer>;

/** The ETag of an expected state. */
export function manifestEtag(epoch: Epoch, revision: number): string {
  return `"${epoch.n}.${epoch.id}.${revision}"`;
}
