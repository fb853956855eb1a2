import assert from "node:assert/strict";
import { createStoreSize, parseLayerBytes } from "./store_size.ts";

Deno.test("layers of images count once, those of containers not at all; nonsense is not known", () => {
  const layers = [
    { id: "a", "diff-size": 100, "compressed-size": 40 },
    { id: "b", parent: "a", "diff-size": 5 },
    { id: "container", parent: "b" },
  ];
  assert.equal(parseLayerBytes(JSON.stringify(layers)), 105);
  assert.equal(parseLayerBytes("[]"), 0);
  for (const text of ["", "{}", "null", '[{"diff-size":-1}]', '[{"diff-size":"1"}]']) {
    assert.equal(parseLayerBytes(text), null);
  }
});

Deno.test("the store's size follows its list of layers, and is nothing before there is one", async () => {
  const root = await Deno.makeTempDir();
  try {
    const store = createStoreSize(root);
    assert.equal(await store.imageBytes(), 0);
    await Deno.mkdir(`${root}/overlay-layers`);
    await Deno.writeTextFile(`${root}/overlay-layers/layers.json`, '[{"diff-size":1}]');
    assert.equal(await store.imageBytes(), 1);
    await Deno.writeTextFile(
      `${root}/overlay-layers/layers.json`,
      '[{"diff-size":1},{"diff-size":22}]',
    );
    assert.equal(await store.imageBytes(), 23);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
