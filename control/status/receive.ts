/** Takes a node's report: facts into the observed tables, then the rollouts that waited for them. */
import type { StatusAnswer } from "../../shared/api/agent.ts";
import { SkerryError } from "../../shared/errors.ts";
import { canonicalJson } from "../../shared/model/hash.ts";
import type { NodeId } from "../../shared/model/ids.ts";
import type { Report } from "../../shared/model/report.ts";
import type { Context } from "../context.ts";
import { publishAll } from "../desired/publish.ts";
import { type RollingSlot, stepRollout } from "../jobs/rollout.ts";
import type { NodeRow } from "../store/nodes.ts";
import { riseAbove } from "./epoch.ts";
import { finishPurge } from "./purge.ts";

/** Stores what differs; true: anything that people wait for did. */
function storeFacts(context: Context, node: NodeId, report: Report): boolean {
  const { store, clock } = context;
  const { deployments, ...rest } = report;
  store.observed.setNode(node, clock.now(), rest);
  let changed = false;
  for (const each of deployments) {
    if (store.deployments.get(each.id)?.nodeId !== node) continue;
    const before = store.observed.deployment(each.id);
    if (before !== null && canonicalJson(before) === canonicalJson(each)) continue;
    store.observed.setDeployment(each.id, clock.now(), each);
    changed = true;
  }
  return changed;
}

function fillPins(context: Context, report: Report): boolean {
  let filled = false;
  for (const { pin, digest, id } of report.images) {
    const known = context.store.services.pin(pin);
    if (known !== null && known.imageId === null) {
      filled = context.store.services.fillPin(pin, digest, id) || filled;
    }
  }
  return filled;
}

/** Containers that are to be absent and are: their addresses are free from now on. */
function releaseGone(context: Context, node: NodeRow, report: Report): boolean {
  // A report on an older revision does not know yet that it was to go.
  if (report.revision === null || report.revision < node.revision) return false;
  if (report.epoch?.id !== context.epoch.id) return false;
  const { store, clock } = context;
  const reported = new Map(report.deployments.map((each) => [each.id, each]));
  let changed = false;
  for (const deployment of store.deployments.live()) {
    if (deployment.nodeId !== node.id || deployment.want !== "absent") continue;
    if (reported.get(deployment.id)?.container !== null) continue;
    store.deployments.setGone(deployment.id, clock.now());
    changed = true;
  }
  return changed;
}

/** Moves every rollout on by what is known now; true: something that is wanted changed. */
export function advanceRollouts(context: Context): boolean {
  const { store, clock } = context;
  let changed = false;
  for (const release of store.projects.rolling()) {
    const slots = store.rollouts.slots(release.id).flatMap((row): RollingSlot[] => {
      const deployment = store.deployments.get(row.deploymentId);
      if (deployment === null) return [];
      return [{
        row,
        serviceName: store.services.get(row.serviceId)?.name ?? row.serviceId,
        deployment,
        old: row.oldId === null ? null : store.deployments.get(row.oldId),
        seen: store.observed.deployment(row.deploymentId),
        oldSeen: row.oldId === null ? null : store.observed.deployment(row.oldId),
      }];
    });
    const step = stepRollout(slots);
    for (
      const { id, want } of step.wants.toSorted((a, b) =>
        Number(a.want === "run") - Number(b.want === "run")
      )
    ) {
      store.deployments.setWant(id, want);
      changed = true;
    }
    for (const { service, routes } of step.routes) {
      store.services.setRoutes(service, routes);
      changed = true;
    }
    for (const { row, state, reason } of step.slots) {
      store.rollouts.update({ ...row, state, reason });
    }
    if (step.end === null) continue;
    store.projects.endRelease(release.id, step.end.state, step.end.reason);
    if (step.end.state !== "done") {
      store.changes.add({
        at: clock.now(),
        who: "skerry",
        action: `release.${step.end.state}`,
        project: store.projects.get(release.projectId)?.name ?? null,
        subject: release.id,
        summary: step.end.reason?.message ?? step.end.state,
      });
    }
  }
  return changed;
}

/** The node's report was taken. */
export function receiveReport(context: Context, nodeId: NodeId, report: Report): StatusAnswer {
  const { store } = context;
  if (report.node !== nodeId) {
    throw new SkerryError(
      "wrong_node",
      `the report is of node ${report.node}, sent by ${nodeId}`,
      "A node reports for itself alone.",
    );
  }
  const result = store.transaction(() => {
    const node = store.nodes.get(nodeId);
    if (node === null) throw new SkerryError("not_found", `there is no node ${nodeId}`);
    const facts = storeFacts(context, nodeId, report);
    const filled = fillPins(context, report);
    const gone = releaseGone(context, node, report);
    const moved = advanceRollouts(context);
    const risen = riseAbove(context, node, report);
    const nodes = filled || gone || moved || risen ? publishAll(context) : [];
    const revision = store.nodes.get(nodeId)?.revision ?? node.revision;
    return { nodes, revision, changed: facts || filled || gone || moved };
  });
  for (const node of result.nodes) context.intentBell.ring(node);
  if (result.changed) {
    context.releaseBell.ringAll();
    finishPurge(context);
  }
  return { revision: result.revision, epoch: context.epoch };
}
