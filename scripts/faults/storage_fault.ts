/** Podman's storage damaged while the box was off, as by a bad disk: what can be is healed by the box alone. */
import { podmanPaths } from "../../agent/drivers/podman/service.ts";
import { until } from "../e2e/lab/program.ts";
import { createHomeDisk, type HomeDisk } from "./disk.ts";
import { type Fault, type Findings, joined } from "./fault.ts";
import { createPlant, type Plant, SETTLE_MS } from "./plant.ts";
import { cutPower } from "./power.ts";

/** Where things lie, as paths of the machine. */
export interface Store {
  /** Podman's storage. */
  readonly root: string;
  /** Folders of the layers of one image that is in use, and of one container. */
  readonly imageLayer: string;
  readonly containerLayer: string;
  readonly imageId: string;
  readonly containerId: string;
}

const empty = (path: string) => Deno.writeTextFile(path, "");
const gone = (path: string) => Deno.remove(path, { recursive: true });

export type Damage = readonly [string, (store: Store) => Promise<void>];

export const CONTAINER_LAYER: Damage = [
  "a container's layer is gone",
  ({ containerLayer }) => gone(containerLayer),
];

const DAMAGES: readonly Damage[] = [
  ["an image's layer is gone", ({ imageLayer }) => gone(imageLayer)],
  CONTAINER_LAYER,
  [
    "a container's layer has an empty link",
    ({ containerLayer }) => empty(`${containerLayer}/link`),
  ],
  [
    "a container's folder is gone, Podman's record of it is left",
    ({ root, containerId }) => gone(`${root}/overlay-containers/${containerId}`),
  ],
  [
    "the list of containers is empty",
    ({ root }) => empty(`${root}/overlay-containers/containers.json`),
  ],
  ["the list of images is cut off", ({ root }) => cutOff(`${root}/overlay-images/images.json`)],
  ["the list of layers is empty", ({ root }) => empty(`${root}/overlay-layers/layers.json`)],
  [
    "an image's manifest is empty",
    ({ root, imageId }) => empty(`${root}/overlay-images/${imageId}/manifest`),
  ],
  ["all of it but the volumes is gone", ({ root }) => allButVolumes(root)],
];

async function cutOff(path: string): Promise<void> {
  await Deno.truncate(path, 200);
}

async function allButVolumes(root: string): Promise<void> {
  for (const { name } of await Array.fromAsync(Deno.readDir(root))) {
    if (name !== "volumes") await gone(`${root}/${name}`);
  }
}

/** What runs needs no image any more; the next change does. */
async function imagesWrong({ box }: Plant): Promise<readonly string[]> {
  const look = async () => {
    const ids = (await box.podman.must(["ps", "--quiet"])).split("\n").filter((id) => id !== "");
    const image = await box.podman.must(["inspect", "--format", "{{.Image}}", ...ids]);
    const wanted = [...new Set(image.trim().split("\n"))];
    return await box.podman.run(["image", "inspect", "--format", "{{.Id}}", ...wanted]);
  };
  let found = await look();
  await until("the images to be well", async () => (found = await look()).code === 0, SETTLE_MS)
    .catch(() => {});
  return found.code === 0 ? [] : [`an image is damaged: ${found.stderr.trim()}`];
}

async function storeOf({ box }: Plant): Promise<Store> {
  const words = async (...args: string[]) => (await box.podman.must(args)).trim();
  const containerId = await words("ps", "--quiet", "--no-trunc", "--filter", "name=shop.db.1");
  const upper = "{{.GraphDriver.Data.UpperDir}}";
  const imageId = await words("inspect", "--format", "{{.Image}}", containerId);
  const layerOf = (path: string) => `${box.host.root}${path.replace(/\/diff$/, "")}`;
  return {
    root: `${box.host.root}${podmanPaths(box.layout).root}`,
    imageLayer: layerOf(await words("image", "inspect", "--format", upper, imageId)),
    containerLayer: layerOf(await words("inspect", "--format", upper, containerId)),
    imageId,
    containerId,
  };
}

/** Off, damaged, on. */
export async function afterDamage(
  plant: Plant,
  disk: HomeDisk | null,
  [, damage]: Damage,
): Promise<Findings> {
  const { lab, box } = plant;
  const before = await plant.writeLine();
  const store = await storeOf(plant);
  await box.host.must(["sync", "--file-system", box.layout.home]);
  await cutPower(lab, box, disk);
  await damage(store);
  await box.start();
  const findings = await plant.check();
  return joined(findings, { lost: [], wrong: await imagesWrong(plant) }, {
    lost: [],
    wrong: before.code === 0 ? [] : [`no line could be written: ${before.stderr}`],
  });
}

export const storageFault: Fault = {
  name: "storage",
  about: "Podman's storage is damaged while the box is off; its images can be pulled again",
  runs: 2,
  async run(trial) {
    let disk: HomeDisk | null = null;
    const plant = await createPlant({
      registry: true,
      before: async ({ host, layout }) => {
        disk = await createHomeDisk(host, layout.home);
      },
    });
    const { lab, box } = plant;
    try {
      await box.start();
      await plant.prepare();
      // Right after the pulls: what Podman had not synced is gone.
      await trial.one("power cut right after images were pulled", "once", async () => {
        await cutPower(lab, box, disk);
        await box.start();
        return await plant.check();
      }, box.text);
      for (const damage of DAMAGES) {
        for (let number = 1; number <= trial.runs; number += 1) {
          const work = () => afterDamage(plant, disk, damage);
          await trial.one(damage[0], `run ${number}`, work, box.text);
        }
      }
    } finally {
      await plant.close();
    }
  },
};
