import assert from "node:assert/strict";
import { PinId } from "../../shared/model/ids.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { imageVolumeWarnings } from "./image_volumes.ts";

const IMAGE = "docker.io/library/web:1";
const CODE = "image_volume_not_kept";
const plain = testRequest(testModel("shop", { web: testService() }));

/** A model whose service has a mount at that path. */
const mounted = (target: string, type: "volume" | "tmpfs") =>
  testRequest(testModel("shop", {
    web: testService({
      volumes: [type === "volume" ? { type, source: "data", target } : { type, target }],
    }),
  }, { volumes: { data: { name: "shop_data" } } }));

Deno.test("an image's volume without a mount is told at plan and apply, with the line to write", async () => {
  await using h = await createHarness();
  h.link.images.set(IMAGE, { digest: null, id: "1".repeat(64), volumes: ["/var/keep/"] });
  const expected = [{
    code: CODE,
    message: `service "web": image "${IMAGE}" keeps data at "/var/keep", where nothing is ` +
      "mounted: it goes with each replacement",
    remedy: 'Write "- web-var-keep:/var/keep" under the service\'s volumes, and ' +
      '"web-var-keep: {}" under volumes at the top level; or mount a tmpfs there.',
  }];
  assert.deepEqual((await h.api.plan("shop", plain)).warnings, expected);
  assert.deepEqual((await h.api.createRelease("shop", plain)).warnings, expected);
});

Deno.test("only a mount at the very path keeps it quiet", async () => {
  await using h = await createHarness();
  h.link.images.set(IMAGE, { digest: null, id: "1".repeat(64), volumes: ["/var/keep"] });
  const codes = async (target: string, type: "volume" | "tmpfs") =>
    (await h.api.plan("shop", mounted(target, type))).warnings.map((each) => each.code);
  assert.deepEqual(await codes("/var/keep", "volume"), []);
  assert.deepEqual(await codes("/var/keep", "tmpfs"), []);
  assert.deepEqual(await codes("/var", "volume"), [CODE]);
  assert.deepEqual(await codes("/var/keep/part", "volume"), [CODE]);
});

Deno.test("it is told again at each apply, also where the image was resolved long ago", async () => {
  await using h = await createHarness();
  const codes = async () => (await h.api.plan("shop", plain)).warnings.map((each) => each.code);
  // A registry tells a digest alone; once the image is on the node its volumes are known.
  assert.deepEqual((await h.api.createRelease("shop", plain)).warnings, []);
  await h.agent.settle();
  assert.deepEqual(await codes(), []);
  const id = (await h.api.plan("shop", plain)).services[0]?.image?.id;
  assert.ok(typeof id === "string", "the node reported what it pulled");
  h.link.imageVolumes.set(id, ["/keep"]);
  assert.deepEqual(await codes(), [CODE]);
  assert.deepEqual((await h.api.createRelease("shop", plain)).warnings.length, 1);
});

Deno.test("one that only its digest is known of is looked up by that", async () => {
  await using h = await createHarness();
  await h.api.createRelease("shop", plain);
  const digest = (await h.api.plan("shop", plain)).services[0]?.image?.digest;
  h.link.imageVolumes.set(`docker.io/library/web@${digest}`, ["/keep"]);
  const { warnings } = await h.api.plan("shop", plain);
  assert.deepEqual(warnings.map((each) => each.code), [CODE]);
});

Deno.test("of a built image too", async () => {
  await using h = await createHarness();
  const imageId = "2".repeat(64);
  h.link.imageVolumes.set(imageId, ["/keep"]);
  const { parts: { compose } } = plain;
  assert.ok(compose !== undefined);
  const builds = { web: { reference: "localhost/shop-web:1", imageId } };
  const plan = await h.api.plan("shop", { parts: { compose: { ...compose, builds } } });
  assert.deepEqual(plan.warnings.map((each) => each.code), [CODE]);
});

Deno.test("odd paths are quoted, doubled ones told once", () => {
  const pin = PinId.parse(`pin_${"a".repeat(26)}`);
  const spec = { image: { reference: "x:1", pin }, mounts: [], secrets: [] };
  const warn = (volumes: string[]) => imageVolumeWarnings("web", spec, volumes);
  assert.equal(warn(["/a", "/a/", "/./a", "/", "relative"]).length, 1);
  const [odd] = warn(["/a:b\u001b[1m"]);
  assert.match(odd?.remedy ?? "", /source: web-a-b-1m, target: "\/a:b\\u001b\[1m" \}/);
  assert.ok(!odd?.message.includes("\u001b"));
});
