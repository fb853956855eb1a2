/** What lists and descriptions show to a caller who does not see every project. Pure. */
import type { ImageView } from "../../shared/api/images.ts";
import type { NetworkView, NodeView, SecretView } from "../../shared/api/views.ts";
import type { Sight } from "../authz/may.ts";

/** `project/service` as a user of something. */
const isSeenUser = (sight: Sight) => (user: string) => sight.project(user.split("/")[0] ?? "");

/** Rows of the projects that the caller sees. */
export function rowsAsSeen<Row extends { readonly project: string | null }>(
  rows: readonly Row[],
  sight: Sight,
): Row[] {
  return rows.filter(({ project }) => project === null ? sight.all : sight.project(project));
}

/** What belongs to several projects is shown without those that the caller does not see. */
export function networksAsSeen(rows: readonly NetworkView[], sight: Sight): NetworkView[] {
  return rows.map((row) => ({
    ...row,
    projects: row.projects.filter(sight.project),
    services: row.services.filter(isSeenUser(sight)),
  })).filter(({ projects }) => sight.all || projects.length > 0);
}

/** A secret for all projects is known to all who may use it, not who else does. */
export function secretsAsSeen(rows: readonly SecretView[], sight: Sight): SecretView[] {
  return rows.filter(({ project }) => project === null || sight.project(project))
    .map((row) => ({ ...row, usedBy: row.usedBy.filter(sight.project) }));
}

/** Images that a project needs which the caller sees. */
export function imagesAsSeen(rows: readonly ImageView[], sight: Sight): ImageView[] {
  return rows.map((row) => ({ ...row, usedBy: row.usedBy.filter(isSeenUser(sight)) }))
    .filter(({ usedBy }) => sight.all || usedBy.length > 0);
}

/** What a node says of itself may name any project. */
export function nodeAsSeen(node: NodeView, sight: Sight): NodeView {
  return sight.all ? node : { ...node, verdicts: [] };
}
