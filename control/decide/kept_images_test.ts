import assert from "node:assert/strict";
import { PinId, ProjectId } from "../../shared/model/ids.ts";
import type { PinRow } from "../store/services.ts";
import { judgeImages } from "./kept_images.ts";

const image = (id: string, over: object = {}) => ({
  id: id.repeat(64),
  references: [],
  repoDigests: [],
  sizeBytes: 1,
  createdAt: 0,
  containers: 0,
  ...over,
});
const pin = (over: Partial<PinRow>): PinRow => ({
  id: PinId.parse(`pin_${"a".repeat(26)}`),
  projectId: ProjectId.parse(`prj_${"a".repeat(26)}`),
  reference: "nginx:1",
  digest: null,
  imageId: null,
  createdAt: 0,
  ...over,
});

Deno.test("images that a running or the previous release needs are kept, by id, digest or name", () => {
  const digest = `sha256:${"d".repeat(64)}`;
  const images = [
    image("a"),
    image("b", { repoDigests: [`docker.io/library/nginx@${digest}`] }),
    image("c", { references: ["docker.io/library/nginx:1"] }),
    image("d", { containers: 1 }),
    image("e", { references: ["docker.io/library/nginx:2"] }),
  ];
  const judged = judgeImages(images, [
    { pin: pin({ imageId: "a".repeat(64) }), user: "shop/web", when: "running" },
    { pin: pin({ digest, reference: "other:1" }), user: "shop/old", when: "previous" },
    { pin: pin({}), user: "shop/name", when: "previous" },
  ]);
  assert.deepEqual(judged.map(({ keptFor }) => keptFor), [
    "running",
    "previous",
    "previous",
    "container",
    null,
  ]);
  assert.deepEqual(judged[0]?.usedBy, ["shop/web"]);
});
