import type { SecretVersionId } from "../../../shared/model/ids.ts";
import type { SecretsSection } from "../../../shared/model/sections.ts";
import { by, type NodeIntent, type ProjectIntent } from "../intent.ts";

/** The versions that a project's deployments are given, with their names. */
export function usedSecrets(of: ProjectIntent): Map<SecretVersionId, string> {
  const used = new Map<SecretVersionId, string>();
  for (const { row, revision } of of.deployments) {
    if (row.want === "absent") continue;
    for (const secret of [...revision.spec.secrets, ...revision.spec.envSecrets]) {
      used.set(secret.version, secret.name);
    }
  }
  return used;
}

/** Ciphertext of the secrets that a project's deployments are given. */
export function compileSecrets(intent: NodeIntent, of: ProjectIntent): SecretsSection {
  const secrets: SecretsSection["secrets"] = [];
  for (const [version, name] of usedSecrets(of)) {
    const sealed = intent.sealedSecrets.get(version);
    if (sealed !== undefined) secrets.push({ version, name, sealed });
  }
  return {
    capability: "secrets",
    project: of.project.id,
    secrets: secrets.sort(by((each) => each.version)),
  };
}
