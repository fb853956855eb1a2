import assert from "node:assert/strict";
import { pageBytes, pageBytesIn } from "./page_size.ts";
import { engineOptions } from "./volume_options.ts";

Deno.test("a tmpfs has its size in pages, all else goes as it is", () => {
  const tmpfs = (o: string, page = 4096) =>
    engineOptions({ type: "tmpfs", device: "tmpfs", o }, page);
  assert.deepEqual(tmpfs("size=64m,uid=1000,mode=0770"), {
    type: "tmpfs",
    device: "tmpfs",
    o: "nr_blocks=16384,uid=1000,mode=0770",
  });
  assert.equal(tmpfs("size=1").o, "nr_blocks=1");
  assert.equal(tmpfs("SIZE=1G", 65_536).o, "nr_blocks=16384");
  assert.deepEqual(tmpfs(""), { type: "tmpfs", device: "tmpfs" });
  assert.deepEqual(engineOptions({ type: "nfs", device: "nas:/media", o: "rw,soft" }, 4096), {
    type: "nfs",
    device: "nas:/media",
    o: "rw,soft",
  });
});

Deno.test("the page size is found in the auxiliary vector", () => {
  const vector = new BigUint64Array([16n, 3n, 6n, 16_384n, 0n, 0n]);
  assert.equal(pageBytesIn(new Uint8Array(vector.buffer)), 16_384);
  assert.equal(pageBytesIn(new Uint8Array(7)), null);
  assert.equal(Math.log2(pageBytes()) % 1, 0);
});
