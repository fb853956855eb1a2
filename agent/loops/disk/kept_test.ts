import assert from "node:assert/strict";
import type { ImageListed } from "../../drivers/podman/driver.ts";
import { projectId, testDeployment, testDesired } from "../../testing/intent.ts";
import { heldImages } from "./kept.ts";

const id = (letter: string) => letter.repeat(64);
const image = (letter: string, over: Partial<ImageListed> = {}): ImageListed => ({
  id: id(letter),
  references: [],
  repoDigests: [],
  sizeBytes: 1,
  createdAt: 5,
  containers: 0,
  ...over,
});
const kept = [
  { reference: "old:1", digest: null, id: id("b") },
  { reference: "localhost/by-name:1", digest: null, id: null },
];
const desired = testDesired([testDeployment("web", { want: "absent" })], {
  images: [{ capability: "images", project: projectId("p"), kept }],
});

Deno.test("what is wanted, held by a release, used, in a container or fetched by a person stays", () => {
  const images = [
    image("a"),
    image("b"),
    image("c", { references: ["localhost/by-name:1"] }),
    image("d", { containers: 1 }),
    image("e"),
    image("f"),
    image("1"),
    image("2"),
  ];
  const uses = new Map([
    [id("e"), { unusedSince: null, keepUntil: null }],
    [id("f"), { unusedSince: 7, keepUntil: 101 }],
    [id("1"), { unusedSince: 7, keepUntil: 100 }],
  ]);
  const held = heldImages(images, desired, uses, 100);
  assert.deepEqual(held.map(({ keptFor }) => keptFor), [
    "what is wanted runs from it",
    "the current, the previous or the last good release needs it",
    "the current, the previous or the last good release needs it",
    "a container is made of it",
    "what runs uses it",
    "somebody fetched it or asked for it",
    null,
    null,
  ]);
  assert.deepEqual(held.slice(-2).map(({ unusedSince }) => unusedSince), [7, 5]);
});

Deno.test("where nobody says what is needed, nothing goes", () => {
  const reasons = (of: Parameters<typeof heldImages>[1]) =>
    heldImages([image("f")], of, new Map(), 100).map(({ keptFor }) => keptFor);
  assert.deepEqual(reasons(desired), [null]);
  assert.deepEqual(reasons(null), ["it is not known what is needed"]);
  // A control plane of before sends no such section.
  assert.deepEqual(reasons({ ...desired, images: [] }), ["it is not known what is needed"]);
});
