/** Images on a box: seen, kept while they are needed, cleared away, and carried to a box without a network. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { containersOf } from "./consistency.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const compose = (tag: number) => `
name: shop
services:
  web:
    image: localhost/web:${tag}
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
`;

interface Listed {
  readonly id: string;
  readonly references: readonly string[];
  readonly usedBy: readonly string[];
  readonly keptFor: string | null;
}

Deno.test("images: seen, kept, cleared away, carried", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "one", links: [{ lan: "plant", address: "198.18.0.1/24" }] },
      { name: "two", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const one = createBox(lab.host("one"));
  const two = createBox(lab.host("two"), { containerCidr: "10.200.11.0/24" });
  const list = async (box: typeof one): Promise<Listed[]> =>
    JSON.parse(await box.must(["image", "list", "-o", "json"]));
  const named = (images: readonly Listed[], name: string) =>
    images.find((image) => image.references.includes(`localhost/${name}`));
  try {
    await one.start();
    for (const tag of [1, 2, 3, 4]) {
      await one.image(`web:${tag}`, { "etc/tag": `${tag}\n` });
    }
    const folder = await one.project("shop", compose(1));
    const archive = `${lab.host("one").dir}/shop.tar`;

    await test.step("prune leaves what the current and the previous release need", async () => {
      for (const tag of [1, 2, 3]) {
        await Deno.writeTextFile(`${folder}/compose.yaml`, compose(tag));
        await one.must(["apply", "--wait"], { cwd: folder });
        // The old one goes after the new one serves. Until then it may be needed to go back to: what
        // ran when the next release came is kept.
        await until(
          "the old container to be gone",
          async () => (await containersOf(one, "shop")).length === 1,
          120_000,
        );
      }
      const before = await list(one);
      assert.deepEqual(named(before, "web:3")?.usedBy, ["shop/web"]);
      const dry = JSON.parse(await one.must(["image", "prune", "--dry-run", "-o", "json"]));
      assert.equal(dry.removed.length, 2, JSON.stringify(dry));
      assert.ok(named(await list(one), "web:1"), "a dry run removes nothing");
      await one.must(["image", "prune"]);
      const after = await list(one);
      assert.deepEqual(
        ["web:1", "web:2", "web:3", "web:4"].map((name) => named(after, name)?.keptFor),
        [
          undefined,
          "previous",
          "running",
          undefined,
        ],
      );
    });

    await test.step("one in use is not removed, one that is not is", async () => {
      const used = await one.run(["image", "rm", "localhost/web:3"]);
      assert.equal(used.code, 1);
      assert.match(used.stderr, /is used by shop\/web/);
      const missing = await one.run(["image", "rm", "localhost/none:1"]);
      assert.match(missing.stderr, /there is no image "localhost\/none:1"/);
    });

    await test.step("a release is carried to a box without a network; the id stays", async () => {
      await one.must(["image", "save", "-f", archive, "--release", "shop"]);
      await two.start();
      const other = await two.project("shop", compose(3));
      assert.equal(
        (await two.must(["image", "load", "-i", archive])).trim(),
        "localhost/web:3",
      );
      await two.must(["apply", "--wait"], { cwd: other });
      const there = named(await list(two), "web:3");
      assert.equal(there?.id, named(await list(one), "web:3")?.id);
      const tag = await two.must(["exec", "-p", "shop", "web", "--", "cat", "/etc/tag"]);
      assert.equal(tag.trim(), "3");
    });

    await test.step("what is no archive, and a name that is nobody's, are told", async () => {
      await Deno.writeTextFile(`${folder}/none.tar`, "no archive");
      const wrong = await one.run(["image", "load", "-i", `${folder}/none.tar`]);
      assert.equal(wrong.code, 1);
      const nobody = await one.run(["image", "save", "-f", archive, "--release", "nobody"]);
      assert.match(nobody.stderr, /project "nobody" runs nothing/);
      const nothing = await one.run(["image", "save", "-f", archive]);
      assert.equal(nothing.code, 2);
    });
  } finally {
    await one.close();
    await two.close();
  }
});
