import assert from "node:assert/strict";
import { sha256 } from "../../shared/model/hash.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const reference = (tag: number) => `docker.io/library/web:${tag}`;
/** The fake node has images by the hash of their names. */
const idOf = (tag: number) => sha256(reference(tag));
const request = (tag: number) =>
  testRequest(testModel("shop", { web: testService({ image: reference(tag) }) }));

async function setup() {
  const h = await createHarness();
  const apply = async (tag: number) => {
    await h.api.createRelease("shop", request(tag));
    await h.agent.settle();
  };
  const told = () =>
    h.agent.sections().flatMap((section) => section.capability === "images" ? section.kept : [])
      .map((pin) => pin.reference.at(-1)).sort().join("");
  const names = (tag: number) =>
    tag === 3 ? [reference(3), "docker.io/library/web:three"] : [
      reference(tag),
    ];
  for (const tag of [1, 2, 3, 4, 5]) {
    h.link.imagesHere.push({
      id: idOf(tag),
      references: names(tag),
      repoDigests: [],
      sizeBytes: 10,
      createdAt: tag,
      containers: 0,
    });
  }
  const keptFor = async () =>
    (await h.api.images()).map((each) => `${each.references[0]?.at(-1)} ${each.keptFor}`);
  return { h, apply, told, keptFor };
}

Deno.test("a node is told what the current, the previous and the last good release need; pruning keeps the same", async () => {
  const { h, apply, told, keptFor } = await setup();
  await using _ = h;
  await apply(1);
  assert.equal(told(), "1");
  await apply(2);
  await apply(3);
  assert.equal(told(), "23");
  const before = h.agent.manifest().revision;
  await apply(3);
  assert.equal(h.agent.manifest().revision, before, "the same again changes nothing");
  // It never got well: what served on is needed, and what was there before it.
  h.agent.fates.set("web", "fails");
  await apply(4);
  assert.equal(told(), "34");
  assert.deepEqual(await keptFor(), ["1 null", "2 null", "3 running", "4 previous", "5 null"]);
  h.agent.fates.set("web", "runs");
  await apply(5);
  assert.equal(told(), "345");
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  assert.equal(told(), "5", "a deleted project's images stay until it comes back");
  assert.deepEqual(await keptFor(), ["1 null", "2 null", "3 null", "4 null", "5 previous"]);
});
