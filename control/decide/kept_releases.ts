/** Which releases of a project are never let go, and which may be forgotten. Pure. */
import type { ReleaseState } from "../../shared/api/release.ts";
import type { ReleaseId } from "../../shared/model/ids.ts";

export interface ReleaseInBrief {
  readonly id: ReleaseId;
  readonly number: number;
  readonly state: ReleaseState;
  /** Equal content has equal parts; null: a delete. */
  readonly composePart: string | null;
}

/**
 * The releases whose images and files stay, whatever the disk is like: the current one, the newest
 * that was good, and before the current content the newest other one and the newest other one that
 * was good: what a person goes back to.
 * @param releases newest first
 */
export function neverLetGo(releases: readonly ReleaseInBrief[]): ReadonlySet<ReleaseId> {
  const current = releases[0];
  if (current === undefined) return new Set();
  const others = releases.filter((each) => each.composePart !== current.composePart);
  const isGood = (each: ReleaseInBrief) => each.state === "done" && each.composePart !== null;
  const kept = [current, releases.find(isGood), others[0], others.find(isGood)];
  return new Set(kept.flatMap((each) => each?.id ?? []));
}

/**
 * The releases to forget: all but the newest `keep`, those that are never let go, and what is under
 * way.
 * @param releases newest first
 */
export function toForget(releases: readonly ReleaseInBrief[], keep: number): ReleaseId[] {
  const kept = neverLetGo(releases);
  return releases.slice(keep).filter(({ id, state }) => state !== "rolling" && !kept.has(id))
    .map(({ id }) => id);
}
