/** The fake's image store: as `image_store.ts` promises, with archives that only the fake reads. */
import type { ImageStoreCalls } from "./image_store.ts";
import type { ImageSeen } from "./driver.ts";
import { podmanError } from "./errors.ts";

export interface FakeImageDeps<Image extends ImageSeen> {
  /** By reference. */
  readonly images: Map<string, Image>;
  readonly pass: (call: keyof ImageStoreCalls, signal?: AbortSignal) => Promise<void>;
  /** Names of the containers that are made of an image. */
  readonly usersOf: (imageId: string) => readonly string[];
}

export function createFakeImageStore<Image extends ImageSeen>(
  deps: FakeImageDeps<Image>,
): ImageStoreCalls {
  const { images, pass, usersOf } = deps;
  const find = (image: string) =>
    images.get(image) ?? [...images.values()].find((each) => each.id === image);
  const archives = new Map<string, readonly [string, Image][]>();
  return {
    async listImages(signal) {
      await pass("listImages", signal);
      const ids = [...new Set([...images.values()].map((image) => image.id))].sort();
      return ids.map((id) => {
        const names = [...images].filter(([, image]) => image.id === id).map(([name]) => name);
        const image = find(id);
        return {
          id,
          references: names.filter((name) => !name.includes("@") && name !== id).sort(),
          repoDigests: [...image?.repoDigests ?? []],
          sizeBytes: image?.sizeBytes ?? 0,
          createdAt: 0,
          containers: usersOf(id).length,
        };
      });
    },
    async removeImage(image, signal) {
      await pass("removeImage", signal);
      const found = find(image);
      if (found === undefined) return;
      const users = usersOf(found.id);
      if (users.length > 0) {
        throw podmanError("image_in_use", `removing the image "${image}"`, users.join(", "));
      }
      for (const [name, each] of images) if (each.id === found.id) images.delete(name);
    },
    async tagImage(id, reference, signal) {
      await pass("tagImage", signal);
      const found = find(id);
      if (found === undefined) throw podmanError("image_unknown", `naming "${id}"`, "not here");
      images.set(reference, found);
    },
    async saveImages(references, signal) {
      await pass("saveImages", signal);
      const saved = references.map((reference): [string, Image] => {
        const image = find(reference);
        if (image === undefined) {
          throw podmanError("image_unknown", `saving "${reference}"`, "not here");
        }
        return [reference, image];
      });
      const key = `fake archive ${archives.size + 1}`;
      archives.set(key, saved);
      return new Blob([key]).stream();
    },
    async loadImages(archive, signal) {
      await pass("loadImages", signal);
      const saved = archives.get(await new Response(archive).text());
      if (saved === undefined) {
        throw podmanError("invalid", "loading images from an archive", "this is no archive");
      }
      for (const [name, image] of saved) images.set(name, image);
      return saved.map(([name]) => name);
    },
  };
}
