/** What a power cut or a bad disk does to Podman's storage, and how far the box gets out of it alone. */
import assert from "node:assert/strict";
import { createFor } from "./contract_specs.ts";
import { busyboxContext, type RealPodman, startRealPodman, streamOf } from "./real_fixture.ts";
import { podmanPaths } from "./service.ts";

interface Place {
  /** Podman's storage. */
  readonly root: string;
  /** Container id. */
  readonly id: string;
  /** Folder of its own layer. */
  readonly layer: string;
}

const DAMAGES: readonly (readonly [string, (place: Place) => Promise<void>])[] = [
  ["its layer has an empty link", ({ layer }) => Deno.writeTextFile(`${layer}/link`, "")],
  ["its layer is gone", ({ layer }) => Deno.remove(layer, { recursive: true })],
  [
    "its folder is gone",
    ({ root, id }) => Deno.remove(`${root}/overlay-containers/${id}`, { recursive: true }),
  ],
  [
    "the list of containers is empty",
    ({ root }) => Deno.writeTextFile(`${root}/overlay-containers/containers.json`, ""),
  ],
];

async function placeOf(setup: RealPodman, id: string): Promise<Place> {
  const { root } = podmanPaths(setup.home);
  const list: unknown = JSON.parse(
    await Deno.readTextFile(`${root}/overlay-containers/containers.json`),
  );
  assert.ok(Array.isArray(list));
  const layer = String(list.find((each) => each.id === id).layer);
  return { root, id, layer: `${root}/overlay/${layer}` };
}

Deno.test("a damaged container hides no other, and is made anew", async (test) => {
  const setup = await startRealPodman();
  const { podman } = setup;
  const stateOf = async (id: string) =>
    (await podman.listContainers()).find((each) => each.id === id)?.state ?? "none";
  try {
    const well = await podman.createContainer(createFor(setup, "well", 50));
    await podman.startContainer(well);
    for (const [name, damage] of DAMAGES) {
      await test.step(name, async () => {
        const create = createFor(setup, "ill", 51);
        const id = await podman.createContainer(create);
        const place = await placeOf(setup, id);
        await setup.killService();
        await damage(place);
        await setup.startService();

        assert.equal(await stateOf(well), "running");
        // The last of its log is asked for before it is removed.
        await podman.logPath(id);
        if (await stateOf(id) === "dead") await podman.removeContainer(id);
        else {await podman.startContainer(id).catch((thrown) =>
            assert.equal(thrown.code, "storage_damaged")
          );}
        // What could not be started is gone; what could is running.
        const again = await podman.createContainer(create);
        await podman.startContainer(again);
        assert.equal(await stateOf(again), "running");
        assert.equal(await stateOf(well), "running");
        await podman.removeContainer(again);
        assert.deepEqual((await podman.listContainers()).map((each) => each.id), [well]);
      });
    }
  } finally {
    await setup.close();
  }
});

/** Podman's own notes, of either sort that it keeps. */
async function databaseOf(setup: RealPodman): Promise<string> {
  const { root } = podmanPaths(setup.home);
  for (const path of [`${root}/libpod/bolt_state.db`, `${root}/db.sql`]) {
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  throw new Error(`no database of Podman's in "${root}"`);
}

Deno.test("a container that a power cut left in the storage alone is in nobody's way", async () => {
  const setup = await startRealPodman();
  const { podman } = setup;
  try {
    const database = await databaseOf(setup);
    const create = createFor(setup, "ill", 51);
    await setup.killService();
    const before = await Deno.readFile(database);
    await setup.startService();
    const lost = await podman.createContainer(create);
    await setup.killService();
    // As if its last write had not got to the disk.
    await Deno.writeFile(database, before);
    await setup.startService();
    assert.deepEqual(await podman.listContainers(), []);

    // At first sight it may be one that is just being made.
    await assert.rejects(podman.createContainer(create), { code: "name_taken" });
    const id = await podman.createContainer(create);
    assert.notEqual(id, lost);
    await podman.startContainer(id);
    assert.deepEqual((await podman.listContainers()).map((each) => [each.id, each.state]), [
      [id, "running"],
    ]);
  } finally {
    await setup.close();
  }
});

const IMAGE_DAMAGES: readonly (readonly [string, (root: string, id: string) => Promise<void>])[] = [
  ["its layer is gone", async (root, id) => {
    const images: unknown = JSON.parse(
      await Deno.readTextFile(`${root}/overlay-images/images.json`),
    );
    assert.ok(Array.isArray(images));
    const { layer } = images.find((each) => each.id === id);
    await Deno.remove(`${root}/overlay/${layer}`, { recursive: true });
  }],
  [
    "the list of layers is empty",
    (root) => Deno.writeTextFile(`${root}/overlay-layers/layers.json`, ""),
  ],
  [
    "its manifest is empty",
    (root, id) => Deno.writeTextFile(`${root}/overlay-images/${id}/manifest`, ""),
  ],
];

Deno.test("a damaged image is told as such, and can be removed and made again", async (test) => {
  for (const [name, damage] of IMAGE_DAMAGES) {
    await test.step(name, async () => {
      const setup = await startRealPodman();
      const { podman, imageId } = setup;
      try {
        await setup.killService();
        await damage(podmanPaths(setup.home).root, imageId);
        await setup.startService();
        await assert.rejects(podman.inspectImage(imageId), { code: "storage_damaged" });
        await podman.removeImage(imageId);
        const again = await podman.buildImage({
          context: streamOf(await busyboxContext()),
          dockerfile: "Dockerfile",
          tag: setup.imageReference,
          args: {},
          noCache: true,
          pull: false,
          labels: {},
        }, () => {});
        const id = await podman.createContainer(
          createFor({ ...setup, imageId: again.id }, "again", 50),
        );
        await podman.startContainer(id);
        assert.equal((await podman.listContainers())[0]?.state, "running");
      } finally {
        await setup.close();
      }
    });
  }
});
