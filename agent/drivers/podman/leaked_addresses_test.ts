import assert from "node:assert/strict";
import { createFor } from "./contract_specs.ts";
import { holderOf, isSibling, nextSibling } from "./leaked_addresses.ts";
import { startRealPodman } from "./real_fixture.ts";
import { podmanPaths } from "./service.ts";

Deno.test("siblings of a network are counted from the first", () => {
  assert.equal(nextSibling("skerry-123", "skerry-123"), "skerry-123-2");
  assert.equal(nextSibling("skerry-123-2", "skerry-123"), "skerry-123-3");
  assert.equal(isSibling("skerry-123-2", "skerry-123"), true);
  assert.equal(isSibling("skerry-1234", "skerry-123"), false);
  assert.equal(isSibling("skerry-123", "skerry-123"), false);
  assert.equal(holderOf(`is already allocated to container ID ${"a".repeat(64)}`), "a".repeat(64));
  assert.equal(holderOf("is already allocated"), null);
});

Deno.test("an address that a killed Podman left in its record is had again", async () => {
  const setup = await startRealPodman();
  const { podman, network } = setup;
  const paths = podmanPaths(setup.home);
  const folder = await Deno.makeTempDir({ prefix: "skerry-leak-" });
  // A Podman of another storage that shares the network's record stands in for one that was killed:
  // to ours its container does not exist.
  const stranger = async (...args: string[]): Promise<void> => {
    const places = ["root", "runroot", "tmpdir"].flatMap((
      each,
    ) => [`--${each}`, `${folder}/${each}`]);
    const { success, stderr } = await new Deno.Command("podman", {
      args: [...places, "--network-config-dir", paths.networks, ...args],
      env: { CONTAINERS_CONF: `${paths.config}/containers.conf`, HOME: paths.userHome },
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
  try {
    const archive = `${folder}/image.tar`;
    await Deno.writeFile(archive, await podman.saveImages([setup.imageReference]));
    await stranger("load", "-q", "-i", archive);
    const taken = ["--net", network.name, "--ip", setup.address(60)];
    await stranger(
      "create",
      "--name",
      "gone",
      ...taken,
      setup.imageReference,
      "/bin/sleep",
      "1000",
    );
    await stranger("start", "gone");
    try {
      const create = createFor(setup, "stuck", 60);
      const first = await podman.createContainer(create);
      await assert.rejects(podman.startContainer(first), { code: "address_taken" });
      assert.deepEqual(await podman.listContainers(), [], "it is to be made anew");
      const second = await podman.createContainer(create);
      await podman.startContainer(second);
      const [seen] = await podman.listContainers();
      assert.deepEqual([seen?.state, seen?.address], ["running", setup.address(60)]);
      await podman.removeContainer(second);
    } finally {
      await stranger("rm", "-f", "-t", "0", "gone");
    }
  } finally {
    await setup.close();
    const mounts = (await Deno.readTextFile("/proc/self/mounts")).split("\n")
      .map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(`${folder}/`));
    for (const path of mounts.sort((a, b) => b.length - a.length)) {
      await new Deno.Command("umount", { args: [path] }).output();
    }
    await Deno.remove(folder, { recursive: true });
  }
});
