/** Writes a decision, inside the transaction that it was made in. */
import type { ReleaseParts } from "../../shared/api/release.ts";
import { ReleaseId } from "../../shared/model/ids.ts";
import { canonicalJson } from "../../shared/model/hash.ts";
import { encryptAtRest } from "../../shared/sealing/seal.ts";
import { type Context, newId } from "../context.ts";
import { keyedHash } from "../keys.ts";
import type { ReleaseRow } from "../store/projects.ts";
import type { Decision } from "./decision.ts";
import { storedEnvironment } from "./environment.ts";
import type { NewSecret } from "./gather.ts";
import { isRestart } from "./restart.ts";

function storePart(context: Context, parts: ReleaseParts): string | null {
  if (parts.compose === undefined) return null;
  const { keys, random, store } = context;
  const id = keyedHash(keys, "part", parts.compose);
  const text = new TextEncoder().encode(canonicalJson(parts.compose));
  store.projects.addPart(id, encryptAtRest(keys.master, text, random));
  return id;
}

function supersede(context: Context, newest: ReleaseRow | null, by: ReleaseId): void {
  if (newest === null || newest.state !== "rolling") return;
  const reason = { code: "superseded", message: `release ${by} took over` };
  context.store.projects.endRelease(newest.id, "superseded", reason);
  for (const slot of context.store.rollouts.slots(newest.id)) {
    if (slot.state === "rolling") {
      context.store.rollouts.update({ ...slot, state: "superseded", reason });
    }
  }
}

/** The release that was made. */
export function commit(
  context: Context,
  decision: Decision,
  newSecrets: readonly NewSecret[],
  newest: ReleaseRow | null,
  parts: ReleaseParts,
  by: string,
  purge: boolean,
): ReleaseId {
  const { store, keys, random, clock } = context;
  const now = clock.now();
  const { project } = decision;
  if (decision.isNewProject) store.projects.add(project);
  store.projects.setPurging(project.id, purge);
  const id = ReleaseId.parse(newId(context, "rel"));
  supersede(context, newest, id);
  store.projects.addRelease({
    id,
    projectId: project.id,
    number: (newest?.number ?? 0) + 1,
    parentId: newest?.id ?? null,
    createdAt: now,
    createdBy: by,
    composePart: storePart(context, parts),
    sourceFolder: parts.compose?.sourceFolder ?? newest?.sourceFolder ?? null,
    warnings: [...decision.warnings],
    state: decision.state,
    reason: null,
  });
  for (const secret of newSecrets) {
    store.secrets.add({
      ...secret,
      projectId: project.id,
      value: encryptAtRest(keys.master, secret.value, random),
      createdAt: now,
    });
  }
  for (const service of decision.services) store.services.add(service);
  for (const { service, routes } of decision.routes) store.services.setRoutes(service, routes);
  store.services.setNetworks(project.id, decision.networks);
  for (const pin of decision.pins) store.services.addPin(pin);
  for (const volume of decision.volumes) store.volumes.add(volume);
  for (const { row, specText, environment } of decision.revisions) {
    store.services.addRevision(
      { ...row, environment: storedEnvironment(keys, environment, random) },
      specText,
    );
  }
  // First what steps back, so that no slot ever has two that run.
  for (
    const { id: deployment, want } of decision.wants.toSorted((a, b) =>
      Number(a.want === "run") - Number(b.want === "run")
    )
  ) {
    store.deployments.setWant(deployment, want);
  }
  for (const { row, addresses } of decision.deployments) {
    store.deployments.add({ ...row, releaseId: id });
    for (const address of addresses) store.deployments.assign(row.nodeId, address, row.id);
  }
  for (const slot of decision.slots) store.rollouts.add({ ...slot, releaseId: id });
  for (const [sha256, content] of decision.content) {
    if (context.blobs.sizeOf(sha256) === null) {
      context.blobs.putSync(sha256, new TextEncoder().encode(content));
    }
  }
  const changed = decision.plan.services.filter((each) => each.change !== "unchanged")
    .map((each) => `${each.service} ${isRestart(each.fields) ? "restarted" : each.change}`);
  store.changes.add({
    at: now,
    who: by,
    action: parts.compose === undefined ? "release.delete" : "release.create",
    project: project.name,
    subject: id,
    summary: changed.length === 0 ? "no service changes" : changed.join(", "),
  });
  return id;
}
