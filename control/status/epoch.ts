/**
 * A node that holds intent which this control plane never gave was told it by another life of the
 * database: a backup was put back, or another control plane was here. To be followed again, this
 * one rises above what the node holds.
 */
import { EpochId } from "../../shared/model/ids.ts";
import type { Epoch } from "../../shared/model/manifest.ts";
import type { Report } from "../../shared/model/report.ts";
import { type Context, newId } from "../context.ts";
import type { NodeRow } from "../store/nodes.ts";

/** Does a node hold more than `own` ever told it? Pure. */
export function holdsMore(
  held: Pick<Report, "epoch" | "revision">,
  own: { readonly epoch: Epoch; readonly revision: number },
): boolean {
  if (held.epoch === null || held.revision === null) return false;
  if (held.epoch.n !== own.epoch.n) return held.epoch.n > own.epoch.n;
  return held.epoch.id !== own.epoch.id || held.revision > own.revision;
}

/**
 * True: a new epoch began, and every node is to be told its intent anew. One that knows of no project
 * lost its database, and has nothing to tell: it would end all that runs. It rises with the first
 * project that is applied.
 */
export function riseAbove(
  context: Context,
  node: NodeRow,
  report: Pick<Report, "epoch" | "revision">,
): boolean {
  const { store, clock } = context;
  const { epoch, revision } = report;
  if (store.projects.list().length === 0) return false;
  if (epoch === null || !holdsMore(report, { epoch: context.epoch, revision: node.revision })) {
    return false;
  }
  const next = { n: epoch.n + 1, id: EpochId.parse(newId(context, "ep")) };
  store.settings.setEpoch(next);
  store.changes.add({
    at: clock.now(),
    who: "skerry",
    action: "epoch.raise",
    project: null,
    subject: node.name,
    summary: `the node holds epoch ${epoch.n}, revision ${revision}, of another life of this ` +
      `database; it is told everything anew under epoch ${next.n}`,
  });
  return true;
}

/** The same by what each node reported last. */
export function riseAboveAll(context: Context): void {
  const { store } = context;
  for (const node of store.nodes.list()) {
    const held = store.observed.node(node.id);
    if (held !== null) riseAbove(context, node, held.report);
  }
}
