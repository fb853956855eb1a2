/** Which version of which secret a service gets; an external config is kept as one. */
import type { PlanAnswer } from "../../shared/api/release.ts";
import type { ComposeModel } from "../../shared/compose/model.ts";
import type { ProjectId } from "../../shared/model/ids.ts";
import type { Fault } from "./fault.ts";
import type { KnownSecret, Situation } from "./situation.ts";
import { ownValue } from "../../shared/own_value.ts";

export interface DecidedSecrets {
  /** By the key of the top-level secret. */
  readonly secrets: ReadonlyMap<string, KnownSecret>;
  /** By the key of the top-level config that is external. */
  readonly configs: ReadonlyMap<string, KnownSecret>;
  readonly plan: PlanAnswer["secrets"];
}

/** The newest of that name: the project's own before the one of all. */
function keptByName(
  situation: Situation,
  name: string,
  projectId: ProjectId,
): KnownSecret | undefined {
  const { secrets } = situation;
  return secrets.findLast((each) => each.name === name && each.projectId === projectId) ??
    secrets.find((each) => each.name === name && each.projectId === null);
}

/** The keys that services use, sorted. */
function usedKeys(model: ComposeModel, kind: "secrets" | "configs"): string[] {
  const uses = Object.values(model.services).flatMap((each) => each[kind] ?? []);
  return [...new Set(uses.map((use) => use.source))].sort();
}

function changeOf(found: KnownSecret): PlanAnswer["secrets"][number]["change"] {
  return found.isChanged ? "changed" : found.isNew ? "created" : "unchanged";
}

/** Faults for those that are nowhere. */
export function decideSecrets(
  situation: Situation,
  model: ComposeModel,
  projectId: ProjectId,
  faults: Fault[],
): DecidedSecrets {
  const secrets = new Map<string, KnownSecret>();
  const configs = new Map<string, KnownSecret>();
  const plan: PlanAnswer["secrets"] = [];
  for (const source of usedKeys(model, "secrets")) {
    const declared = ownValue(model.secrets, source);
    const external = declared?.external === true;
    const name = external ? declared.name : source;
    // The values that came with the request are the project's own, also where it has no id yet.
    const carried = !external && situation.carriedSecrets.has(name);
    const owner = carried ? situation.project?.id ?? null : projectId;
    const found = external
      ? keptByName(situation, name, projectId)
      : situation.secrets.findLast((each) => each.name === name && each.projectId === owner);
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
    plan.push({ name: source, change: changeOf(found) });
  }
  for (const source of usedKeys(model, "configs")) {
    const declared = ownValue(model.configs, source);
    if (declared?.external !== true) continue;
    const found = keptByName(situation, declared.name, projectId);
    if (found === undefined) {
      faults.push({
        code: "config_missing",
        detail: `the external config "${declared.name}" is not set`,
        remedy: `Run: skerry secret set ${declared.name} --file FILE; external configs are kept ` +
          "as secrets are.",
      });
      continue;
    }
    configs.set(source, found);
    plan.push({ name: source, change: changeOf(found), kind: "config" });
  }
  return { secrets, configs, plan };
}
