/** What a release has to do with its node's disk: told long before it is full, refused where it is. */
import type { Warning } from "../../shared/api/release.ts";
import { DISK_NEARLY_FULL, diskProblem, diskSentence, FREE_SPACE } from "../../shared/disk_text.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { DiskReport } from "../../shared/model/disk.ts";
import type { NodeId, RevisionId } from "../../shared/model/ids.ts";
import type { ImageOnNode } from "../../shared/model/link.ts";
import type { Context } from "../context.ts";
import type { PinRow } from "../store/services.ts";
import type { Decision } from "./decision.ts";
import { isPinned } from "./kept_images.ts";

/** A statfs and some sums; who takes longer is not waited for. */
const DISK_WITHIN_MS = 2_000;
const IMAGES_WITHIN_MS = 10_000;

/** A node's disk as it is now, else as it was reported last; null: it is not known. */
export async function diskOf(context: Context, node: NodeId): Promise<DiskReport | null> {
  const link = context.links(node);
  const now = await link?.disk(AbortSignal.timeout(DISK_WITHIN_MS)).catch(() => null) ?? null;
  return now ?? context.store.observed.node(node)?.report.disk ?? null;
}

/** What is to be said of a disk before it is full. Pure. */
export function diskWarnings(node: string, disk: DiskReport | null): Warning[] {
  const problem = disk === null ? null : diskProblem(disk);
  if (problem === null) return [];
  const { code, message } = problem;
  return [{ code, message: `node "${node}": ${message}`, remedy: FREE_SPACE }];
}

/**
 * Throws `disk_nearly_full` where a node has no room for it. The node itself refuses it too, but only
 * once its answer has begun.
 */
export async function admitOn(context: Context, node: NodeId, doing: string): Promise<void> {
  const disk = await diskOf(context, node);
  if (disk?.level !== "full") return;
  throw refused(doing, nameOf(context, node), disk);
}

/** A node that takes no image, and those that it has; null: it takes them, or that is not known. */
export interface Scarcity {
  readonly node: string;
  readonly disk: DiskReport;
  readonly images: readonly ImageOnNode[];
}

/** See {@link Scarcity}. */
export async function scarcityOf(context: Context, node: NodeId): Promise<Scarcity | null> {
  const disk = await diskOf(context, node);
  if (disk?.level !== "full") return null;
  // Without a list nobody knows what is to be fetched; the node itself refuses it then.
  const images = await context.links(node)?.listImages(AbortSignal.timeout(IMAGES_WITHIN_MS))
    .catch(() => null);
  if (images == null) return null;
  return { node: nameOf(context, node), disk, images };
}

/** What a decision's new containers are made of, sorted. */
export function pinsOf(
  decision: Pick<Decision, "deployments" | "revisions" | "pins">,
  storedOf: (revision: RevisionId) => PinRow | null,
): PinRow[] {
  const added = new Map(decision.revisions.map(({ row }) => [row.id, row.pinId]));
  const pins = new Map(decision.pins.map((pin) => [pin.id, pin]));
  const found = new Map<PinRow["id"], PinRow>();
  for (const { row: { revisionId } } of decision.deployments) {
    const pinId = added.get(revisionId);
    const pin = (pinId === undefined ? undefined : pins.get(pinId)) ?? storedOf(revisionId);
    if (pin !== null) found.set(pin.id, pin);
  }
  return [...found.values()].sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** Throws `disk_nearly_full` where any of these would have to be fetched. Pure. */
export function refuseFetching({ node, disk, images }: Scarcity, pins: readonly PinRow[]): void {
  const missing = pins.filter((pin) => !images.some((image) => isPinned(image, pin)));
  if (missing.length === 0) return;
  const names = missing.map(({ reference }) => `"${reference}"`).join(", ");
  throw refused(`the release, which needs ${names} to be fetched,`, node, disk);
}

function refused(doing: string, node: string, disk: DiskReport): SkerryError {
  const why = diskProblem(disk)?.message ?? diskSentence(disk);
  return new SkerryError(
    DISK_NEARLY_FULL,
    `${doing} is refused, nothing was changed: node "${node}": ${why}`,
    FREE_SPACE,
  );
}

function nameOf({ store }: Context, node: NodeId): string {
  return store.nodes.get(node)?.name ?? node;
}
