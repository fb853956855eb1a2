/** Containers that are made anew although nothing of their service changes. Pure. */
import type { FieldChange, ReleaseRequest } from "../../shared/api/release.ts";
import type { ServiceName } from "../../shared/model/service_spec.ts";
import type { RevisionId } from "../../shared/model/ids.ts";
import type { DeploymentRow } from "../store/deployments.ts";

/** A release as it is asked for within the control plane. */
export interface AskedRelease extends ReleaseRequest {
  /** Services whose every container gives way to a new one, under the rules of a change. */
  readonly restart?: readonly ServiceName[];
}

/** No key of a compose file: `restart` is one, and a change of it is no restart. */
const FIELD = "containers";

/** Does this deployment run what is wanted, and may it go on? */
export function isAsWished(
  restart: ReadonlySet<string>,
  { row, revisionId, kind }: {
    readonly row: { readonly name: string };
    readonly revisionId: RevisionId;
    readonly kind: DeploymentRow["kind"];
  },
  deployment: DeploymentRow,
): boolean {
  return !restart.has(row.name) && deployment.revisionId === revisionId && deployment.kind === kind;
}

/** How a plan says it. */
export function restartField(restart: ReadonlySet<string>, service: string): FieldChange[] {
  return restart.has(service)
    ? [{ field: FIELD, old: "the container that runs", new: "a new one of the same" }]
    : [];
}

/** Is a restart all that the plan has for it? */
export function isRestart(fields: readonly FieldChange[]): boolean {
  return fields.length === 1 && fields[0]?.field === FIELD;
}
