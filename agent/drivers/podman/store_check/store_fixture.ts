/** A store as containers/storage lays it out, made by hand for tests. */
import { createHash } from "node:crypto";
import { createCrc64 } from "./crc64.ts";
import { keptPath } from "./store_lists.ts";

const text = new TextEncoder();
const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export interface HandMadeLayer {
  readonly id: string;
  readonly digest: string;
  readonly bytes: number;
}

export interface HandMadeStore {
  readonly root: string;
  layer(
    parent: HandMadeLayer | null,
    files: Readonly<Record<string, string>>,
  ): Promise<HandMadeLayer>;
  /** Gives its id. */
  image(name: string, layers: readonly HandMadeLayer[]): Promise<string>;
}

function crcOf(bytes: Uint8Array): string {
  const crc = createCrc64();
  crc.update(bytes);
  return crc.digest();
}

export async function gzipped(content: string): Promise<Uint8Array> {
  const packed = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

export async function createHandMadeStore(root: string): Promise<HandMadeStore> {
  const images: unknown[] = [];
  const layers: unknown[] = [];
  const write = async () => {
    await Deno.writeTextFile(`${root}/overlay-images/images.json`, JSON.stringify(images));
    await Deno.writeTextFile(`${root}/overlay-layers/layers.json`, JSON.stringify(layers));
  };
  for (const folder of ["overlay", "overlay-images", "overlay-layers"]) {
    await Deno.mkdir(`${root}/${folder}`, { recursive: true });
  }
  await write();
  return {
    root,
    async layer(parent, files) {
      const hash = createHash("sha256");
      const lines: string[] = [];
      const segment = (content: string) => {
        hash.update(content);
        lines.push(JSON.stringify({ type: 2, payload: text.encode(content).toBase64() }));
      };
      const id = hex(text.encode(`${layers.length} ${JSON.stringify(files)}`));
      const diff = `${root}/overlay/${id}/diff`;
      await Deno.mkdir(diff, { recursive: true });
      let bytes = 0;
      for (const [path, content] of Object.entries(files)) {
        const encoded = text.encode(content);
        segment(`header of ${path}\0`);
        await Deno.mkdir(`${diff}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeFile(`${diff}/${path}`, encoded);
        hash.update(encoded);
        bytes += encoded.length;
        const size = encoded.length === 0 ? {} : { size: encoded.length };
        const payload = encoded.length === 0 ? null : crcOf(encoded);
        lines.push(JSON.stringify({ type: 1, name: `./${path}`, ...size, payload }));
      }
      segment("\0\0");
      const digest = `sha256:${hash.digest("hex")}`;
      await Deno.writeFile(
        `${root}/overlay-layers/${id}.tar-split.gz`,
        await gzipped(`${lines.join("\n")}\n`),
      );
      layers.push({
        id,
        ...(parent === null ? {} : { parent: parent.id }),
        "diff-digest": digest,
        "diff-size": bytes,
      });
      await write();
      return { id, digest, bytes };
    },
    async image(name, own) {
      const config = text.encode(JSON.stringify({
        comment: name,
        rootfs: { type: "layers", diff_ids: own.map(({ digest }) => digest) },
      }));
      const id = hex(config);
      const manifest = text.encode(JSON.stringify({ config: { digest: `sha256:${id}` } }));
      const digest = `sha256:${hex(manifest)}`;
      const kept = {
        [`sha256:${id}`]: config,
        [`manifest-${digest}`]: manifest,
        manifest,
      };
      await Deno.mkdir(`${root}/overlay-images/${id}`);
      for (const [key, bytes] of Object.entries(kept)) {
        await Deno.writeFile(keptPath(root, id, key), bytes);
      }
      const layer = own.at(-1);
      images.push({
        id,
        digest,
        names: [name],
        ...(layer === undefined ? {} : { layer: layer.id }),
        "big-data-names": Object.keys(kept),
      });
      await write();
      return id;
    },
  };
}
