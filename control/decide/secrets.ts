/** Which version of which secret a service gets. */
import type { PlanAnswer } from "../../shared/api/release.ts";
import type { ComposeModel } from "../../shared/compose/model.ts";
import type { ProjectId } from "../../shared/model/ids.ts";
import type { Fault } from "./fault.ts";
import type { KnownSecret, Situation } from "./situation.ts";

/** By the key of the top-level secret; faults for those that are nowhere. */
export function decideSecrets(
  situation: Situation,
  model: ComposeModel,
  projectId: ProjectId,
  faults: Fault[],
): { secrets: Map<string, KnownSecret>; plan: PlanAnswer["secrets"] } {
  const used = new Set(
    Object.values(model.services).flatMap((each) => (each.secrets ?? []).map((use) => use.source)),
  );
  const secrets = new Map<string, KnownSecret>();
  const plan: PlanAnswer["secrets"] = [];
  for (const source of [...used].sort()) {
    const declared = model.secrets[source];
    const external = declared?.external === true;
    const name = external ? declared.name : source;
    // The values that came with the request are the project's own, also where it has no id yet.
    const carried = !external && situation.carriedSecrets.has(name);
    const owner = carried ? situation.project?.id ?? null : projectId;
    const found = situation.secrets.findLast((each) =>
      each.name === name && each.projectId === owner
    ) ?? (external
      ? situation.secrets.find((each) => each.name === name && each.projectId === null)
      : undefined);
    if (found === undefined) {
      faults.push({
        code: "secret_missing",
        detail: external
          ? `the secret "${name}" is not set`
          : `the secret "${source}" came without a value`,
        remedy: external
          ? `Run: skerry secret set ${name}`
          : "Give its file or variable a value where you apply, or write `external: true` and " +
            `run: skerry secret set ${source}`,
      });
      continue;
    }
    secrets.set(source, found);
    plan.push({
      name: source,
      change: found.isChanged ? "changed" : found.isNew ? "created" : "unchanged",
    });
  }
  return { secrets, plan };
}
