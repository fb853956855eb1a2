/**
 * Collects what the control plane keeps for nobody: releases beyond a count, with all that only they
 * refer to, then files that no release names any more. What runs, and what a person may go back to,
 * is never touched. All of it happens between two requests.
 */
import { bytesText } from "../../shared/bytes_text.ts";
import type { ReleaseId } from "../../shared/model/ids.ts";
import { decryptAtRest } from "../../shared/sealing/seal.ts";
import type { StoredBlob } from "../blobs/store.ts";
import type { Context } from "../context.ts";
import { toForget } from "../decide/kept_releases.ts";

/** Releases that each project keeps, beside those that are never let go. */
export const KEEP_RELEASES = 10;
/** Who changed what: some dozens of megabytes. */
const KEEP_CHANGES = 100_000;
/** A file younger than this may be one whose release is still on its way. */
export const LEAST_AGE_MS = 3_600_000;
/** At once: more would hold requests up. The next turn goes on. */
const RELEASES_AT_ONCE = 100;

export interface Collected {
  readonly releases: number;
  readonly files: number;
  readonly freedBytes: number;
}

/** What collecting needs. */
export type CollectContext = Pick<Context, "store" | "blobs" | "keys" | "clock" | "log">;

/** @param keep releases of each project, beside those that are never let go */
export function collect(context: CollectContext, keep = KEEP_RELEASES): Collected {
  const { store, blobs, clock } = context;
  const youngest = clock.now() - LEAST_AGE_MS;
  const releases = store.transaction(() => forgetReleases(context, keep, youngest));
  // Only what is forgotten for good: a transaction that fails would leave names without files, and
  // where a crash comes between, the files go next time.
  let files = 0;
  let freedBytes = 0;
  for (const { sha256, bytes } of unnamed(context, keep, oldFiles(context, youngest))) {
    blobs.remove(sha256);
    files += 1;
    freedBytes += bytes;
  }
  const collected = { releases, files, freedBytes };
  if (releases > 0 || files > 0) note(context, collected);
  return collected;
}

function forgetReleases({ store }: CollectContext, keep: number, youngest: number): number {
  const names = store.forgetting.names();
  let left = RELEASES_AT_ONCE;
  const ids: ReleaseId[] = [];
  for (const project of store.projects.list()) {
    // The oldest first.
    const old = toForget(store.projects.releases(project.id), keep).toReversed();
    const fresh = old.filter((id) => !names.has(id)).slice(0, left);
    left -= fresh.length;
    // Those that are names alone go once their deployments are gone.
    ids.push(...fresh, ...old.filter((id) => names.has(id)));
  }
  const forgotten = store.forgetting.releases(ids);
  store.forgetting.orphans(youngest);
  store.forgetting.changes(KEEP_CHANGES);
  return forgotten;
}

function oldFiles({ blobs, clock }: CollectContext, youngest: number): StoredBlob[] {
  return blobs.list().filter(({ sha256, changedAt }) => {
    // From under a clock that was ahead: its hour begins now.
    if (changedAt > clock.now()) blobs.touch(sha256, clock.now());
    return changedAt <= youngest;
  });
}

const NAME = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/**
 * Those that no spec and no part names. Whatever looks like a file's name there keeps that file: no
 * field that is added one day can be overlooked.
 */
function unnamed(
  context: CollectContext,
  keep: number,
  files: readonly StoredBlob[],
): readonly StoredBlob[] {
  const { store, keys } = context;
  const left = new Map(files.map((each) => [each.sha256.toString(), each]));
  const decoder = new TextDecoder();
  const texts = function* () {
    yield* store.forgetting.specTexts();
    for (const id of keptParts(store, keep)) {
      const part = store.projects.part(id);
      if (part !== null) yield decoder.decode(decryptAtRest(keys.master, part));
    }
  };
  // Mostly the specs name all there is, and no part is decrypted.
  for (const text of left.size === 0 ? [] : texts()) {
    for (const [name] of text.matchAll(NAME)) left.delete(name);
    if (left.size === 0) break;
  }
  return [...left.values()];
}

/** Of the releases that are kept: one that is left as a name alone needs no files. */
function keptParts({ projects }: CollectContext["store"], keep: number): ReadonlySet<string> {
  const parts = new Set<string>();
  for (const { id } of projects.list()) {
    const releases = projects.releases(id);
    const forgotten = new Set(toForget(releases, keep));
    for (const each of releases) {
      if (each.composePart !== null && !forgotten.has(each.id)) parts.add(each.composePart);
    }
  }
  return parts;
}

function note(
  { store, clock, log }: CollectContext,
  { releases, files, freedBytes }: Collected,
): void {
  const summary = `forgot ${releases} old releases; removed ${files} files that no release ` +
    `names, ${bytesText(freedBytes)}`;
  log.info("collected", { what: summary });
  store.changes.add({
    at: clock.now(),
    who: "skerry",
    action: "collect",
    project: null,
    subject: "control plane",
    summary,
  });
}
