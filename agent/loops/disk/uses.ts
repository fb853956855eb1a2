/**
 * Since when each image is not used any more, and how long one stays that somebody fetched: kept in
 * a file that is written when something of it changes, never by the clock.
 */
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../../shared/atomic_file.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import { Instant } from "../../../shared/model/verdict.ts";
import type { ImageUse } from "./kept.ts";

const UsesFile = z.record(
  z.string(),
  z.strictObject({ unusedSince: Instant.nullable(), keepUntil: Instant.nullable() }),
);

export interface ImageUses {
  all(): ReadonlyMap<string, ImageUse>;
  /** These images are used now, and no others. */
  used(ids: ReadonlySet<string>, now: Instant): void;
  /** It stays at least until then. */
  spare(id: string, until: Instant): void;
  /** Forgets all images but these. */
  retain(ids: ReadonlySet<string>): void;
  /** Resolves when what changed is on the disk, or cannot be brought there. */
  settled(): Promise<void>;
}

/** @param mostMs no image is spared for longer: a later time was written under another clock */
export async function openImageUses(
  path: string,
  deps: { readonly now: Instant; readonly mostMs: number; readonly log: Log },
): Promise<ImageUses> {
  const uses = new Map<string, ImageUse>(await load(path, deps.log));
  for (const [id, use] of uses) {
    const latest = deps.now + deps.mostMs;
    if (use.keepUntil !== null && use.keepUntil > latest) {
      uses.set(id, { ...use, keepUntil: latest });
    }
  }
  let writing: Promise<void> = Promise.resolve();
  let waiting = false;

  function changed(): void {
    if (waiting) return;
    waiting = true;
    writing = writing.then(async () => {
      waiting = false;
      try {
        await writeFileAtomically(path, JSON.stringify(Object.fromEntries(uses)), 0o600);
      } catch (thrown) {
        // What is lost is an order and a grace; the next change writes all of it again.
        deps.log.warn("the uses of images cannot be written", { reason: messageOf(thrown) });
      }
    });
  }

  return {
    all: () => uses,
    used(ids, now) {
      let any = false;
      for (const [id, use] of uses) {
        if (use.unusedSince !== null || ids.has(id)) continue;
        uses.set(id, { ...use, unusedSince: now });
        any = true;
      }
      for (const id of ids) {
        const use = uses.get(id);
        if (use?.unusedSince === null) continue;
        uses.set(id, { unusedSince: null, keepUntil: use?.keepUntil ?? null });
        any = true;
      }
      if (any) changed();
    },
    spare(id, until) {
      const use = uses.get(id);
      if (use?.keepUntil != null && use.keepUntil >= until) return;
      uses.set(id, { unusedSince: use === undefined ? until : use.unusedSince, keepUntil: until });
      changed();
    },
    retain(ids) {
      let any = false;
      for (const id of uses.keys()) any = !ids.has(id) && uses.delete(id) || any;
      if (any) changed();
    },
    settled: () => writing,
  };
}

async function load(path: string, log: Log): Promise<[string, ImageUse][]> {
  const text = await readTextIfThere(path);
  if (text === null) return [];
  try {
    return Object.entries(UsesFile.parse(JSON.parse(text)));
  } catch (thrown) {
    log.warn("the uses of images are damaged and begin anew", { reason: messageOf(thrown) });
    return [];
  }
}
