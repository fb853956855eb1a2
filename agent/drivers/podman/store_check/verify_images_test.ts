import assert from "node:assert/strict";
import fc from "fast-check";
import { createHandMadeStore, gzipped, type HandMadeStore } from "./store_fixture.ts";
import { keptPath, parseLists } from "./store_lists.ts";
import { createCrc64 } from "./crc64.ts";
import { pathInLayer } from "./tar_split.ts";
import { createVerifyImages } from "./verify_images.ts";

const never = new AbortController().signal;
const pinOf = (reference: string, id: string | null = null) => ({ reference, digest: null, id });

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-store-" });
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Two images over one layer. */
async function twoImages(folder: string) {
  const store = await createHandMadeStore(folder);
  const base = await store.layer(null, { "etc/passwd": "root", "bin/sh": "#!", "empty": "" });
  const upper = await store.layer(base, { "app/über": "one" });
  const one = await store.image("localhost/one:1", [base, upper]);
  const two = await store.image("reg.lan/two:1", [base]);
  return { store, base, upper, one, two, verify: createVerifyImages(folder) };
}

Deno.test("whole images are whole; a layer that two have is read once", async () => {
  await inFolder(async (folder) => {
    const { base, upper, one, two, verify } = await twoImages(folder);
    const lines: string[] = [];
    const found = await verify(
      [pinOf("localhost/one:1", one), pinOf("reg.lan/two:1")],
      (line) => lines.push(line),
      never,
    );
    assert.deepEqual(found, [
      { state: "whole", id: one, problems: [], sharedBy: [], readBytes: base.bytes + upper.bytes },
      { state: "whole", id: two, problems: [], sharedBy: [], readBytes: 0 },
    ]);
    assert.deepEqual(lines, ["localhost/one:1 (1 of 2)", "reg.lan/two:1 (2 of 2)"]);
  });
});

type Place = Awaited<ReturnType<typeof twoImages>>;
const DAMAGES: readonly (readonly [string, RegExp, (place: Place) => Promise<void>])[] = [
  [
    "a byte is another one",
    /"etc\/passwd" is not what it was/,
    ({ store, base }) =>
      Deno.writeTextFile(`${store.root}/overlay/${base.id}/diff/etc/passwd`, "rooT"),
  ],
  [
    "a file is longer",
    /"bin\/sh" has 3 bytes, not 2/,
    ({ store, base }) => Deno.writeTextFile(`${store.root}/overlay/${base.id}/diff/bin/sh`, "#!x"),
  ],
  [
    "a file is gone",
    /"etc\/passwd" is gone/,
    ({ store, base }) => Deno.remove(`${store.root}/overlay/${base.id}/diff/etc/passwd`),
  ],
  ["a file is a link to one of the machine", /"etc\/passwd" is no file any more/, async (place) => {
    const path = `${place.store.root}/overlay/${place.base.id}/diff/etc/passwd`;
    await Deno.remove(path);
    await Deno.symlink("/etc/hostname", path);
  }],
  [
    "the layer's folder is gone",
    /"etc\/passwd" is gone/,
    ({ store, base }) => Deno.remove(`${store.root}/overlay/${base.id}`, { recursive: true }),
  ],
  ["its tar-split is cut off", /cannot be read/, async ({ store, base }) => {
    const path = `${store.root}/overlay-layers/${base.id}.tar-split.gz`;
    await Deno.truncate(path, (await Deno.stat(path)).size - 9);
  }],
  [
    "its tar-split is gone",
    /made of again is gone/,
    ({ store, base }) => Deno.remove(`${store.root}/overlay-layers/${base.id}.tar-split.gz`),
  ],
  ["its tar-split is another one", /not those that came/, async ({ store, base }) =>
    Deno.writeFile(
      `${store.root}/overlay-layers/${base.id}.tar-split.gz`,
      await gzipped(`${JSON.stringify({ type: 2, payload: "AAAA" })}\n`),
    )],
  [
    "its configuration is another one",
    /configuration is not what it was/,
    ({ store, one }) => Deno.writeTextFile(keptPath(store.root, one, `sha256:${one}`), "{}"),
  ],
  [
    "its manifest is empty",
    /manifest is not what it was/,
    ({ store, one }) => Deno.writeTextFile(keptPath(store.root, one, "manifest"), ""),
  ],
  ["a layer is not in the list", /the list of layers lacks one/, async ({ store, base }) => {
    const path = `${store.root}/overlay-layers/layers.json`;
    const kept = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(
      path,
      JSON.stringify(kept.filter((each: { id: string }) => each.id !== base.id)),
    );
  }],
];

Deno.test("each damage is found and named, with the images that share it", async (test) => {
  for (const [name, words, damage] of DAMAGES) {
    await test.step(name, () =>
      inFolder(async (folder) => {
        const place = await twoImages(folder);
        await damage(place);
        const [found] = await place.verify([pinOf("localhost/one:1", place.one)], () => {}, never);
        assert.equal(found?.state, "damaged");
        assert.match(found.problems.join("\n"), words);
        assert.ok(found.sharedBy.includes("localhost/one:1"));
        const inLayer = found.problems.some((each) => each.startsWith("layer "));
        assert.equal(found.sharedBy.includes("reg.lan/two:1"), inLayer);
      }));
  }
});

Deno.test("what is not there is absent, also where another image has its name", async () => {
  await inFolder(async (folder) => {
    const { verify, one } = await twoImages(folder);
    const [other, none] = await verify(
      [pinOf("localhost/one:1", "f".repeat(64)), pinOf("reg.lan/none:1")],
      () => {},
      never,
    );
    assert.equal(other?.state, "absent");
    assert.match(
      other.problems[0] ?? "",
      new RegExp(`another image now \\(${one.slice(0, 12)}\\)`),
    );
    assert.deepEqual([none?.state, none?.problems], ["absent", ["it is not on the node"]]);
    const empty = await createVerifyImages(`${folder}/none`)([pinOf("a:1")], () => {}, never);
    assert.equal(empty[0]?.state, "absent");
  });
});

Deno.test("lists that cannot be read are an error, not an empty store", async () => {
  await inFolder(async (folder) => {
    const { verify } = await twoImages(folder);
    await Deno.writeTextFile(`${folder}/overlay-images/images.json`, "[{");
    await assert.rejects(verify([pinOf("a:1")], () => {}, never), { code: "storage_damaged" });
  });
});

Deno.test("what leads out of its layer is not read", async () => {
  await inFolder(async (folder) => {
    const { store, verify, base } = await twoImages(folder);
    const diff = `${store.root}/overlay/${base.id}/diff`;
    await Deno.remove(`${diff}/etc`, { recursive: true });
    await Deno.symlink("/etc", `${diff}/etc`);
    const [found] = await verify([pinOf("reg.lan/two:1")], () => {}, never);
    assert.equal(found?.state, "unchecked");
    assert.match(found.problems.join(), /lies behind a link/);
  });
  for (const name of ["../x", "a/../../x", "", ".", "/"]) assert.equal(pathInLayer(name), null);
  assert.equal(pathInLayer("./a//b"), "a/b");
});

Deno.test("a verification that is given up ends", async () => {
  await inFolder(async (folder) => {
    const { verify } = await twoImages(folder);
    const stop = AbortSignal.abort(new Error("given up"));
    await assert.rejects(verify([pinOf("reg.lan/two:1")], () => {}, stop), /given up/);
  });
});

Deno.test("the CRC is that of tar-split; in parts it is the same", () => {
  const crcOf = (text: string) => {
    const crc = createCrc64();
    crc.update(new TextEncoder().encode(text));
    return crc.digest();
  };
  // The check value of CRC-64/GO-ISO, and what Podman 4.3 wrote of a file "hi".
  assert.equal(Uint8Array.fromBase64(crcOf("123456789")).toHex(), "b90956c775a41001");
  assert.equal(crcOf("hi\n"), "YUmYEAAAAAA=");
  fc.assert(fc.property(fc.uint8Array(), fc.nat(), (content, at) => {
    const cut = content.length === 0 ? 0 : at % content.length;
    const [one, parts] = [createCrc64(), createCrc64()];
    one.update(content);
    parts.update(content.subarray(0, cut));
    parts.update(content.subarray(cut));
    assert.equal(one.digest(), parts.digest());
  }));
});

Deno.test("digests are told as Podman tells them", () => {
  const digest = `sha256:${"d".repeat(64)}`;
  const id = "a".repeat(64);
  const { images } = parseLists(
    JSON.stringify([{
      id,
      digest,
      names: ["r.lan:5000/app:1", `r.lan:5000/app@${digest}`],
      "big-data-names": [`sha256:${id}`, `manifest-${digest}`, "manifest"],
    }]),
    "[]",
  );
  assert.deepEqual(images[0]?.references, ["r.lan:5000/app:1"]);
  assert.deepEqual(images[0]?.repoDigests, [`r.lan:5000/app@${digest}`]);
});

Deno.test("any one changed byte of any file is found", async () => {
  // Folders have longer names than files, so that none is both.
  const path = fc.stringMatching(/^([a-z]{5}\/)?[a-z]{1,4}$/);
  const files = fc.dictionary(path, fc.string({ minLength: 1, maxLength: 40 }), {
    minKeys: 1,
    maxKeys: 6,
  });
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), fc.nat(), async (content, which, where) => {
      await inFolder(async (folder) => {
        const store: HandMadeStore = await createHandMadeStore(folder);
        const layer = await store.layer(null, content);
        await store.image("localhost/x:1", [layer]);
        const verify = createVerifyImages(folder);
        const state = async () => (await verify([pinOf("localhost/x:1")], () => {}, never))[0];
        assert.equal((await state())?.state, "whole");
        const names = Object.keys(content);
        const name = names[which % names.length] ?? "";
        const file = `${folder}/overlay/${layer.id}/diff/${name}`;
        const bytes = await Deno.readFile(file);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        await Deno.writeFile(file, bytes);
        const found = await state();
        assert.deepEqual(found?.problems, [
          `layer ${layer.id.slice(0, 12)}: "${name}" is not what it was`,
        ]);
      });
    }),
    { numRuns: 30 },
  );
});
