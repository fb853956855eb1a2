/**
 * Are the images that are pinned in the store, whole, and what they say they are? The store's own
 * files are read: nothing is written, and Podman is not asked, since it may be what is broken.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { messageOf } from "../../../../shared/errors.ts";
import { type ImagePin, isPinned } from "../../../../shared/model/image_pin.ts";
import type { ImageCheck } from "../../../../shared/model/link.ts";
import { podmanError } from "../errors.ts";
import { checkLayer, type LayerState } from "./layer_check.ts";
import {
  keptPath,
  layersOf,
  readLists,
  type StoredImage,
  type StoredLayer,
  type StoreLists,
} from "./store_lists.ts";

export type VerifyImages = (
  pins: readonly ImagePin[],
  onProgress: (line: string) => void,
  signal: AbortSignal,
) => Promise<readonly ImageCheck[]>;

/** A configuration is read into memory whole. */
const MAX_CONFIG = 16 << 20;
const Config = z.looseObject({
  rootfs: z.looseObject({ diff_ids: z.array(z.string()) }),
});

async function content(path: string): Promise<Uint8Array> {
  if ((await Deno.stat(path)).size > MAX_CONFIG) throw new Error("it is far too long");
  return await Deno.readFile(path);
}

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** What is wrong with the configuration and the manifests, and which layers they name. */
async function checkKept(
  root: string,
  image: StoredImage,
): Promise<{ readonly problems: string[]; readonly diffIds: readonly string[] | null }> {
  const problems: string[] = [];
  let diffIds: readonly string[] | null = null;
  const own = `sha256:${image.id}`;
  const named = image.kept.flatMap((name) => {
    const digest = name === own ? own : /^manifest-(sha256:[0-9a-f]{64})$/.exec(name)?.[1];
    return digest === undefined ? [] : [{ name, digest }];
  });
  if (!image.kept.includes(own)) problems.push("its configuration is not kept");
  for (const { name, digest } of named) {
    const what = name === own ? "its configuration" : "its manifest";
    try {
      const bytes = await content(keptPath(root, image.id, name));
      if (sha256(bytes) !== digest) problems.push(`${what} is not what it was`);
      else if (name === own) {
        diffIds = Config.parse(JSON.parse(new TextDecoder().decode(bytes))).rootfs.diff_ids;
      }
    } catch (thrown) {
      const gone = thrown instanceof Deno.errors.NotFound;
      problems.push(`${what} ${gone ? "is gone" : `cannot be read: ${messageOf(thrown)}`}`);
    }
  }
  // The one that Podman reads first has no digest in its name.
  if (image.kept.includes("manifest")) {
    const bytes = await content(keptPath(root, image.id, "manifest")).catch(() => null);
    const digests = named.filter(({ name }) => name !== own).map(({ digest }) => digest);
    if (bytes === null || digests.length > 0 && !digests.includes(sha256(bytes))) {
      problems.push("its manifest is not what it was");
    }
  }
  return { problems: [...new Set(problems)], diffIds };
}

/** @param root the store's folder, of the overlay driver */
export function createVerifyImages(root: string): VerifyImages {
  return async (pins, onProgress, signal) => {
    let lists: StoreLists;
    try {
      lists = await readLists(root);
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) lists = { images: [], layers: new Map() };
      else {
        const doing = "reading the lists of Podman's storage";
        throw podmanError("storage_damaged", doing, messageOf(thrown));
      }
    }
    const states = new Map<string, LayerState>();
    let readBytes = 0;
    const layerState = async (layer: StoredLayer): Promise<LayerState> => {
      const known = states.get(layer.id);
      if (known !== undefined) return known;
      const state = await checkLayer(root, layer, signal);
      readBytes += layer.bytes;
      states.set(layer.id, state);
      return state;
    };

    const checkImage = async (image: StoredImage): Promise<ImageCheck> => {
      const before = readBytes;
      const { problems, diffIds } = await checkKept(root, image);
      const unchecked: string[] = [];
      const layers = layersOf(image, lists);
      if (layers === null) problems.push("the list of layers lacks one of its own");
      const bad = new Set<string>();
      for (const layer of layers ?? []) {
        const state = await layerState(layer);
        switch (state.kind) {
          case "whole":
            break;
          case "damaged":
            problems.push(...state.problems);
            bad.add(layer.id);
            break;
          case "unchecked":
            unchecked.push(state.why);
            break;
          default: {
            const never: never = state;
            return never;
          }
        }
      }
      const digests = (layers ?? []).map(({ digest }) => digest);
      const named = digests.every((digest) => digest !== null);
      if (layers !== null && diffIds !== null && named && digests.join() !== diffIds.join()) {
        problems.push("its layers are not those that its configuration names");
      }
      const holds = (each: StoredImage) =>
        each.id === image.id || (layersOf(each, lists) ?? []).some(({ id }) => bad.has(id));
      const sharedBy = problems.length === 0 ? [] : lists.images.filter(holds)
        .flatMap(({ id, references }) => references.length === 0 ? [id.slice(0, 12)] : references);
      return {
        state: problems.length > 0 ? "damaged" : unchecked.length > 0 ? "unchecked" : "whole",
        id: image.id,
        problems: [...problems, ...unchecked],
        sharedBy: sharedBy.sort(),
        readBytes: readBytes - before,
      };
    };

    const checks: ImageCheck[] = [];
    for (const [index, pin] of pins.entries()) {
      signal.throwIfAborted();
      onProgress(`${pin.reference} (${index + 1} of ${pins.length})`);
      const image = lists.images.find((each) => isPinned(each, pin));
      const check = image === undefined ? absent(lists, pin) : await checkImage(image);
      if (check.state !== "damaged") checks.push(check);
      else checks.push(await stillThere(root, pin) ? check : absent(lists, pin));
    }
    return checks;
  };
}

/** What is removed while it is looked at is not damaged. */
async function stillThere(root: string, pin: ImagePin): Promise<boolean> {
  const lists = await readLists(root).catch(() => null);
  return lists === null || lists.images.some((each) => isPinned(each, pin));
}

function absent(lists: StoreLists, pin: ImagePin): ImageCheck {
  const byName = lists.images.find(({ references }) => references.includes(pin.reference));
  const problem = byName === undefined || isPinned(byName, pin)
    ? "it is not on the node"
    : `it is not on the node; its name is that of another image now (${byName.id.slice(0, 12)})`;
  return { state: "absent", id: null, problems: [problem], sharedBy: [], readBytes: 0 };
}
