/**
 * Uploads of any bytes: a form on its way in, or a zip. Whatever comes is taken or refused with words;
 * what is taken stays within its bounds, and no name of it leads out of its folder.
 */
import { BlobReader } from "@zip.js/zip.js";
import { ok } from "node:assert/strict";
import { posix } from "node:path";
import { SkerryError } from "../../shared/errors.ts";
import { bytesOf, type FuzzTarget, inputOf, runOf } from "../../shared/testing/fuzz_target.ts";
import type { UploadBounds } from "./bounds.ts";
import { createEntryNames } from "./entry_names.ts";
import { readZip } from "./read_zip.ts";
import { receiveUpload } from "./receive.ts";

const BOUNDS: UploadBounds = {
  bodyBytes: 1 << 16,
  totalBytes: 1 << 18,
  fileBytes: 1 << 17,
  files: 8,
  pathBytes: 64,
  depth: 4,
  ratio: 20,
  ratioFloorBytes: 1 << 12,
};

/** Packed by zip: an entry that is deflated, and one that is stored. */
const ZIP =
  "504b030414000000080000002150014ec136120000004e0000000c000000636f6d706f73652e79616d6c2b4e" +
  "2d2acb4c4e2db652a8aee52aa6940300504b030414000000000000002150f9efbe7101000000010000000100" +
  "00006262504b0102140314000000080000002150014ec136120000004e0000000c0000000000000000000000" +
  "a48100000000636f6d706f73652e79616d6c504b0102140314000000000000002150f9efbe71010000000100" +
  "0000010000000000000000000000a4813c00000062504b05060000000002000200690000005c0000000000";

function part(name: string, content: string, filename?: string): string {
  const file = filename === undefined ? "" : `; filename="${filename}"`;
  return `--b\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
}

async function taken(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (thrown) {
    if (thrown instanceof SkerryError) return false;
    throw thrown;
  }
}

function inside(path: string): void {
  ok(posix.normalize(path) === path && !posix.isAbsolute(path) && !path.startsWith(".."), path);
}

function zip(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  return taken(async () => {
    let total = 0;
    const source = { sizeBytes: bytes.length, reader: new BlobReader(new Blob([bytes])) };
    for await (const file of readZip(source, createEntryNames(BOUNDS), BOUNDS)) {
      inside(file.path);
      for await (const chunk of file.chunks) total += chunk.length;
      ok(total <= BOUNDS.totalBytes, `${total} bytes came out`);
    }
  });
}

async function form(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    return await taken(async () => {
      const request = new Request("http://localhost/", {
        method: "POST",
        headers: { "content-type": "multipart/form-data; boundary=b" },
        body: bytes,
      });
      const { paths } = await receiveUpload(request, folder, BOUNDS);
      for (const path of paths) {
        inside(path);
        ok((await Deno.lstat(`${folder}/${path}`)).isFile, path);
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** An input is what it is (`zip` or `form`) on its first line, and then the bytes. */
export const UPLOAD_TARGET: FuzzTarget = {
  name: "uploads",
  short: 3_000,
  alphabet: 256,
  tokens: [
    "PK\x03\x04",
    "PK\x01\x02",
    "PK\x05\x06",
    "../",
    "/etc/x",
    "\x00\x00\x00\x00",
    "\xff\xff\xff\xff",
    "\r\n--b\r\n",
    "--b--\r\n",
    'filename="a/b"',
    'filename="../x"',
  ],
  corpus: [
    `zip\n${inputOf(Uint8Array.fromHex(ZIP))}`,
    `form\n${part("project", "shop")}${
      part("files", "services: {}", "demo/compose.yaml")
    }--b--\r\n`,
    `form\n${part("text", "services: {a: {image: x}}")}--b--\r\n`,
  ],
  start: () =>
    runOf((input) => {
      const cut = input.indexOf("\n");
      const bytes = bytesOf(input.slice(cut + 1));
      return input.startsWith("form") ? form(bytes) : zip(bytes);
    }),
};
