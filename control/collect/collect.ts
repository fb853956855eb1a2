/**
 * Collects what the control plane keeps for nobody: releases beyond a count, with all that only they
 * refer to, then files that no release names any more. What runs, and what a person may go back to,
 * is never touched. All of it happens between two requests.
 */
import { bytesText } from "../../shared/bytes_text.ts";
import { decryptAtRest } from "../../shared/sealing/seal.ts";
import type { Context } from "../context.ts";
import { toForget } from "../decide/kept_releases.ts";

/** Releases that each project keeps, beside those that are never let go. */
export const KEEP_RELEASES = 10;
/** A file younger than this may be one whose release is still on its way. */
export const LEAST_AGE_MS = 3_600_000;
/** At once: more would hold requests up. The next turn goes on. */
const RELEASES_AT_ONCE = 100;

export interface Collected {
  readonly releases: number;
  readonly files: number;
  readonly freedBytes: number;
}

export function collect(context: Context): Collected {
  const { store, blobs, clock } = context;
  const youngest = clock.now() - LEAST_AGE_MS;
  const releases = store.transaction(() => forgetReleases(context, youngest));
  // Only what is forgotten for good: a transaction that fails would leave names without files.
  const wanted = namedFiles(context);
  let files = 0;
  let freedBytes = 0;
  for (const { sha256, bytes, changedAt } of blobs.list()) {
    if (changedAt > youngest || wanted.has(sha256)) continue;
    blobs.remove(sha256);
    files += 1;
    freedBytes += bytes;
  }
  const collected = { releases, files, freedBytes };
  if (releases > 0 || files > 0) note(context, collected);
  return collected;
}

function forgetReleases({ store }: Context, youngest: number): number {
  let left = RELEASES_AT_ONCE;
  let forgotten = 0;
  for (const project of store.projects.list()) {
    const old = toForget(store.projects.releases(project.id), KEEP_RELEASES).toReversed();
    const now = old.slice(0, left);
    if (now.length === 0) continue;
    left -= now.length;
    forgotten += store.forgetting.releases(project.id, now);
  }
  if (left < RELEASES_AT_ONCE) store.forgetting.orphans(youngest);
  return forgotten;
}

/**
 * Whatever looks like a file's name in a spec or a part keeps that file: no field that is added one
 * day can be overlooked.
 */
function namedFiles({ store, keys }: Context): ReadonlySet<string> {
  const names = new Set<string>();
  const decoder = new TextDecoder();
  const texts = store.forgetting.specTexts();
  for (const id of keptParts(store)) {
    const part = store.projects.part(id);
    if (part !== null) texts.push(decoder.decode(decryptAtRest(keys.master, part)));
  }
  for (const text of texts) {
    for (const [name] of text.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)) names.add(name);
  }
  return names;
}

/** Of the releases that are kept: one that is left as a name alone needs no files. */
function keptParts({ projects }: Context["store"]): ReadonlySet<string> {
  const parts = new Set<string>();
  for (const { id } of projects.list()) {
    const releases = projects.releases(id);
    const forgotten = new Set(toForget(releases, KEEP_RELEASES));
    for (const each of releases) {
      if (each.composePart !== null && !forgotten.has(each.id)) parts.add(each.composePart);
    }
  }
  return parts;
}

function note({ store, clock, log }: Context, { releases, files, freedBytes }: Collected): void {
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
