/**
 * How much the layers of all images take, from the list of layers that Podman's store keeps: each
 * layer once, those of the build cache too, and nothing that containers wrote. Looking at it costs
 * a stat while nothing changed; `podman system df` walks through every layer.
 */
import { z } from "zod";

const Layers = z.array(z.object({ "diff-size": z.number().nonnegative().optional() }));

export interface StoreSize {
  /** null: the list cannot be read. */
  imageBytes(): Promise<number | null>;
}

/** The sum over a list of layers; null: it is none. Pure. */
export function parseLayerBytes(text: string): number | null {
  try {
    return Layers.parse(JSON.parse(text)).reduce(
      (sum, layer) => sum + (layer["diff-size"] ?? 0),
      0,
    );
  } catch {
    return null;
  }
}

/** @param root the store's root folder */
export function createStoreSize(root: string): StoreSize {
  const path = `${root}/overlay-layers/layers.json`;
  let known: { readonly mark: string; readonly bytes: number | null } | null = null;
  return {
    async imageBytes() {
      try {
        const { mtime, size, ino } = await Deno.stat(path);
        const mark = `${mtime?.getTime()} ${size} ${ino}`;
        if (known?.mark === mark) return known.bytes;
        const bytes = parseLayerBytes(await Deno.readTextFile(path));
        known = { mark, bytes };
        return bytes;
      } catch (thrown) {
        if (thrown instanceof Deno.errors.NotFound) return 0;
        throw thrown;
      }
    },
  };
}
