/**
 * The last intent that was whole: a signed manifest with all its blobs on disk, and the one
 * before it. From it a node comes up with no control plane in reach.
 *
 *     blobs on disk ─► previous := current ─► current := new     (each step atomic)
 *
 * A crash between two steps leaves current or previous whole.
 */
import { join } from "node:path";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import { messageOf } from "../../shared/errors.ts";
import type { KeyId } from "../../shared/model/ids.ts";
import { type Manifest, SignedManifest } from "../../shared/model/manifest.ts";
import { openManifest } from "../../shared/signing/ed25519.ts";
import type { Desired } from "../reconcile/world.ts";
import type { BlobStore } from "./blob_store.ts";
import { desiredFrom } from "./desired.ts";

export interface LastGood {
  readonly manifest: Manifest;
  readonly desired: Desired;
}

export interface Loaded {
  /** null: there is none, or none that is whole. */
  readonly lastGood: LastGood | null;
  /** What was found damaged, for the log and the report. */
  readonly problems: readonly string[];
}

export interface LastGoodStore {
  load(): Promise<Loaded>;
  /** Opens and checks a manifest whose blobs are all there. Rejects where anything is amiss. */
  open(signed: SignedManifest): Promise<LastGood>;
  /** Makes it the last-good; the one before is kept. */
  save(signed: SignedManifest): Promise<void>;
}

export async function createLastGoodStore(
  deps: {
    readonly folder: string;
    readonly blobs: BlobStore;
    readonly keys: ReadonlyMap<KeyId, Uint8Array>;
  },
): Promise<LastGoodStore> {
  const { folder, blobs, keys } = deps;
  const current = join(folder, "current.json");
  const previous = join(folder, "previous.json");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });

  async function open(signed: SignedManifest): Promise<LastGood> {
    const manifest = openManifest(signed, keys);
    const contents = new Map<string, string>();
    for (const { section, sha256 } of manifest.sections) {
      const content = await blobs.read(sha256);
      if (content === null) throw new Error(`blob ${sha256} of "${section}" is missing or damaged`);
      contents.set(section, new TextDecoder().decode(content));
    }
    for (const { sha256 } of manifest.files) {
      if (await blobs.read(sha256) === null) {
        throw new Error(`file ${sha256} is missing or damaged`);
      }
    }
    return { manifest, desired: desiredFrom(manifest, contents) };
  }

  return {
    open,
    async load() {
      const problems: string[] = [];
      for (const path of [current, previous]) {
        const text = await readTextIfThere(path);
        if (text === null) continue;
        try {
          return { lastGood: await open(SignedManifest.parse(JSON.parse(text))), problems };
        } catch (thrown) {
          problems.push(`"${path}" is not usable: ${messageOf(thrown)}`);
        }
      }
      return { lastGood: null, problems };
    },
    async save(signed) {
      const text = JSON.stringify(signed);
      const before = await readTextIfThere(current);
      if (before === text) return;
      // A damaged one is no fallback.
      const usable = before === null ? null : SignedManifest.safeParse(parseJson(before));
      if (before !== null && usable?.success) await writeFileAtomically(previous, before, 0o600);
      await writeFileAtomically(current, text, 0o600);
      const kept = new Set<string>();
      for (const each of [signed, usable?.success ? usable.data : null]) {
        if (each === null) continue;
        const manifest = openManifest(each, keys);
        for (const { sha256 } of manifest.sections) kept.add(sha256);
        for (const { sha256 } of manifest.files) kept.add(sha256);
      }
      await blobs.keepOnly(kept);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
