/** Blobs on the node's disk, named by their SHA-256; what is there is whole. */
import { join } from "node:path";
import { syncFolder, writeFileAtomically } from "../../shared/atomic_file.ts";
import { SkerryError } from "../../shared/errors.ts";
import { Sha256, sha256 } from "../../shared/model/hash.ts";

export interface BlobStore {
  path(name: string): string;
  has(name: Sha256): Promise<boolean>;
  /** Rejects with `bad_blob` where the content is not what its name says. */
  put(name: Sha256, content: Uint8Array): Promise<void>;
  /** The content, checked again; null: missing or damaged. */
  read(name: Sha256): Promise<Uint8Array | null>;
  /** Removes all that is not named. */
  keepOnly(names: ReadonlySet<string>): Promise<void>;
}

export async function createBlobStore(folder: string): Promise<BlobStore> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const path = (name: string) => join(folder, name);
  return {
    path,
    has: (name) => Deno.stat(path(name)).then((info) => info.isFile, () => false),
    async put(name, content) {
      const found = sha256(content);
      if (found !== name) {
        throw new SkerryError(
          "bad_blob",
          `a blob named "${name}" has content with the SHA-256 "${found}"`,
          "Nothing was taken over; it is asked for again.",
        );
      }
      await writeFileAtomically(path(name), content, 0o600);
    },
    async read(name) {
      const content = await Deno.readFile(path(name)).catch(() => null);
      return content !== null && sha256(content) === name ? content : null;
    },
    async keepOnly(names) {
      let removed = false;
      for await (const entry of Deno.readDir(folder)) {
        if (names.has(entry.name)) continue;
        await Deno.remove(path(entry.name));
        removed = true;
      }
      if (removed) await syncFolder(folder);
    },
  };
}
