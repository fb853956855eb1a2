/** The lists that containers/storage keeps of images and layers, read from its folder. */
import { z } from "zod";
import type { NamedImage } from "../../../../shared/model/image_pin.ts";

const HEX = z.string().regex(/^[0-9a-f]{64}$/);

const Images = z.array(z.looseObject({
  id: HEX,
  digest: z.string().optional(),
  names: z.array(z.string()).nullish(),
  layer: HEX.optional(),
  "big-data-names": z.array(z.string()).nullish(),
}));
const Layers = z.array(z.looseObject({
  id: HEX,
  parent: z.string().optional(),
  "diff-digest": z.string().optional(),
  "diff-size": z.number().optional(),
  flags: z.record(z.string(), z.unknown()).nullish(),
}));

export interface StoredImage extends NamedImage {
  /** The topmost layer; null: it has none. */
  readonly layer: string | null;
  /** Names of what is kept beside it: manifests, the configuration. */
  readonly kept: readonly string[];
}

export interface StoredLayer {
  readonly id: string;
  readonly parent: string | null;
  /** Of its tar; null: not known. */
  readonly digest: string | null;
  readonly bytes: number;
  /** It was never finished. */
  readonly incomplete: boolean;
}

export interface StoreLists {
  readonly images: readonly StoredImage[];
  readonly layers: ReadonlyMap<string, StoredLayer>;
}

/** `name@sha256:…` for each name and digest, as Podman tells them. Pure. */
function repoDigests(names: readonly string[], digests: readonly string[]): string[] {
  const found = names.flatMap((name) => {
    const at = name.indexOf("@");
    if (at >= 0) return [name];
    const colon = name.lastIndexOf(":");
    const repository = colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
    return digests.map((digest) => `${repository}@${digest}`);
  });
  return [...new Set(found)].sort();
}

/** @param images, layers the texts of images.json and layers.json. Pure. */
export function parseLists(images: string, layers: string): StoreLists {
  return {
    images: Images.parse(JSON.parse(images)).map((image) => {
      const names = image.names ?? [];
      const kept = image["big-data-names"] ?? [];
      const digests = [image.digest ?? "", ...kept.map((name) => name.replace(/^manifest-/, ""))]
        .filter((text) => /^sha256:[0-9a-f]{64}$/.test(text) && text !== `sha256:${image.id}`);
      return {
        id: image.id,
        references: names.filter((name) => !name.includes("@")).sort(),
        repoDigests: repoDigests(names, [...new Set(digests)]),
        layer: image.layer ?? null,
        kept,
      };
    }),
    layers: new Map(
      Layers.parse(JSON.parse(layers)).map((layer) => [layer.id, {
        id: layer.id,
        parent: layer.parent === undefined || layer.parent === "" ? null : layer.parent,
        digest: layer["diff-digest"] ?? null,
        bytes: layer["diff-size"] ?? 0,
        incomplete: layer.flags?.incomplete === true,
      }]),
    ),
  };
}

/** An image's layers, the lowest first; null: one of them is not in the list. Pure. */
export function layersOf(image: StoredImage, lists: StoreLists): readonly StoredLayer[] | null {
  const found: StoredLayer[] = [];
  for (let id = image.layer; id !== null;) {
    const layer = lists.layers.get(id);
    // A list that leads round in a circle is damaged too.
    if (layer === undefined || found.includes(layer)) return null;
    found.unshift(layer);
    id = layer.parent;
  }
  return found;
}

/** @param root the store's folder */
export async function readLists(root: string): Promise<StoreLists> {
  const [images, layers] = await Promise.all([
    Deno.readTextFile(`${root}/overlay-images/images.json`),
    Deno.readTextFile(`${root}/overlay-layers/layers.json`),
  ]);
  return parseLists(images, layers);
}

/** The file in which the store keeps something beside an image. Pure. */
export function keptPath(root: string, image: string, name: string): string {
  const plain = /^[.0-9a-z]+$/.test(name) && !/^\.+$/.test(name);
  const file = plain ? name : `=${new TextEncoder().encode(name).toBase64()}`;
  return `${root}/overlay-images/${image}/${file}`;
}
