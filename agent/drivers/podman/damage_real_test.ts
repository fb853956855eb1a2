/** What a power cut or a bad disk does to Podman's storage, and how far the box gets out of it alone. */
import assert from "node:assert/strict";
import { createFor } from "./contract_specs.ts";
import { type RealPodman, startRealPodman } from "./real_fixture.ts";
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
