import assert from "node:assert/strict";
import { sha256 } from "../../shared/model/hash.ts";
import { createBlobStore } from "./store.ts";

const LIMIT_BYTES = 1_000_000;

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map((each) => each.name).sort();

Deno.test("what was put is given back, over many reads", () =>
  inFolder(async (folder) => {
    const blobs = createBlobStore(folder);
    const text = "0123456789".repeat(90_000);
    await blobs.put(sha256(text), chunks(text.slice(0, 7), text.slice(7)), LIMIT_BYTES);
    const stream = await blobs.open(sha256(text));
    assert.ok(stream !== null);
    assert.equal(await new Response(stream).text(), text);
    assert.equal(await blobs.open(sha256("another")), null);
  }));

Deno.test("what a crash left half written is gone at the next start, and nothing else is", () =>
  inFolder(async (folder) => {
    const hash = sha256("kept");
    createBlobStore(folder).putSync(hash, new TextEncoder().encode("kept"));
    Deno.writeTextFileSync(`${folder}/.${sha256("cut")}.${crypto.randomUUID()}`, "cu");
    Deno.writeTextFileSync(`${folder}/.somebody-elses`, "x");
    createBlobStore(folder);
    assert.deepEqual(namesIn(folder), [".somebody-elses", hash].sort());
  }));

Deno.test("a PUT that is refused leaves nothing", () =>
  inFolder(async (folder) => {
    const blobs = createBlobStore(folder);
    const hash = sha256("said");
    await assert.rejects(blobs.put(hash, chunks("done"), LIMIT_BYTES), { code: "blob_mismatch" });
    await assert.rejects(blobs.put(hash, chunks("said"), 3), { code: "too_large" });
    assert.deepEqual(namesIn(folder), []);
  }));

for (const [how, content] of [["changed", "wholE"], ["cut", "who"], ["emptied", ""]] as const) {
  Deno.test(`one that was ${how} on the disk is dropped, so that it is asked for again`, () =>
    inFolder(async (folder) => {
      const blobs = createBlobStore(folder);
      const hash = sha256("whole");
      await blobs.put(hash, chunks("whole"), LIMIT_BYTES);
      Deno.writeTextFileSync(`${folder}/${hash}`, content);
      assert.equal(await blobs.open(hash), null);
      assert.equal(blobs.sizeOf(hash), null);
      await blobs.put(hash, chunks("whole"), LIMIT_BYTES);
      assert.equal(await new Response(await blobs.open(hash)).text(), "whole");
    }));
}
