/** What the node got at enrolment: who it is, and whose word it takes. */
import { join } from "node:path";
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import { SkerryError } from "../../shared/errors.ts";
import { EnrollAnswer, PublicKey } from "../../shared/api/agent.ts";
import { KeyId, NodeId } from "../../shared/model/ids.ts";
import { decodeBase64 } from "../../shared/signing/base64.ts";

const Identity = z.strictObject({
  node: NodeId,
  name: z.string(),
  nodeKey: KeyId,
  /** Keys whose manifests this node takes. */
  controlKeys: z.array(z.strictObject({ id: KeyId, publicKey: PublicKey })).min(1),
});
export type Identity = z.infer<typeof Identity>;

const FILE = "identity.json";

/** null: the node has not joined yet. */
export async function loadIdentity(folder: string): Promise<Identity | null> {
  const path = join(folder, FILE);
  const text = await readTextIfThere(path);
  if (text === null) return null;
  try {
    return Identity.parse(JSON.parse(text));
  } catch (cause) {
    throw new SkerryError(
      "bad_identity",
      `the node's identity file "${path}" cannot be read as one`,
      "remove that file and start again: the node then joins anew",
      { cause },
    );
  }
}

export async function saveIdentity(folder: string, answer: EnrollAnswer): Promise<Identity> {
  const identity: Identity = {
    node: answer.node,
    name: answer.name,
    nodeKey: answer.nodeKey,
    controlKeys: [answer.controlKey],
  };
  await writeFileAtomically(join(folder, FILE), JSON.stringify(identity), 0o600);
  return identity;
}

/** The control plane's public keys by id, as bytes. */
export function trustedKeys(identity: Identity): ReadonlyMap<KeyId, Uint8Array> {
  return new Map(identity.controlKeys.map(({ id, publicKey }) => [id, decodeBase64(publicKey)]));
}
