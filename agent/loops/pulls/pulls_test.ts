import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { PinId } from "../../../shared/model/ids.ts";
import { podmanError } from "../../drivers/podman/errors.ts";
import { createFakePodman } from "../../drivers/podman/fake.ts";
import { idText } from "../../testing/intent.ts";
import { createPulls, type WantedPull } from "./pulls.ts";

function wanted(name: string): WantedPull {
  const reference = `registry.lan/${name}:1`;
  return {
    pin: PinId.parse(idText("pin", name)),
    reference,
    key: reference,
    pullReference: reference,
  };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 5_000;
  while (!await holds()) {
    assert.ok(performance.now() < end, `waited in vain: ${what}`);
    await systemClock.sleep(5);
  }
}

Deno.test("a registry that is silent is told so and Podman is not asked to pull from it", async () => {
  const podman = createFakePodman();
  podman.control.addRemote("registry.lan/silent:1", "timeout");
  podman.control.addRemote("registry.lan/good:1", {});
  const asked: string[] = [];
  const pulls = createPulls({
    clock: systemClock,
    podman: {
      ...podman,
      pullImage(reference, onProgress, signal) {
        asked.push(reference);
        return podman.pullImage(reference, onProgress, signal);
      },
    },
    onChange() {},
  });
  const [silent, good] = [wanted("silent"), wanted("good")];
  pulls.configure([silent, good]);
  await until("the good one", async () => await podman.inspectImage(good.reference) !== null);
  await until("the silent one", () => pulls.status().get(silent.pin)?.kind === "failed");
  const state = pulls.status().get(silent.pin);
  assert.equal(state?.kind === "failed" ? state.reason.code : null, "pull_timeout");
  assert.deepEqual(asked, ["registry.lan/good:1"]);
  await pulls.close();
});

Deno.test("whatever else the question meets, Podman tries the pull", async () => {
  const podman = createFakePodman();
  podman.control.addRemote("registry.lan/private:1", {});
  podman.control.fail("resolveDigest", new Error("no way there"));
  const pulls = createPulls({ clock: systemClock, podman, onChange() {} });
  const own = wanted("private");
  pulls.configure([own]);
  await until("the image", async () => await podman.inspectImage(own.reference) !== null);
  await pulls.close();
});

Deno.test("a damaged image is taken away before it is pulled again", async () => {
  const podman = createFakePodman();
  podman.control.addRemote("registry.lan/web:1", {});
  podman.control.fail("inspectImage", podmanError("storage_damaged", "looking at it", "layer"));
  const removed: string[] = [];
  const pulls = createPulls({
    clock: systemClock,
    podman: {
      ...podman,
      removeImage(image, signal) {
        removed.push(image);
        return podman.removeImage(image, signal);
      },
    },
    onChange() {},
  });
  const own = wanted("web");
  pulls.configure([own]);
  await until("the image", async () => await podman.inspectImage(own.reference) !== null);
  assert.deepEqual(removed, [own.key]);
  await pulls.close();
});

Deno.test("a damaged image that a container uses is pulled over", async () => {
  const podman = createFakePodman();
  podman.control.addRemote("registry.lan/web:1", {});
  podman.control.fail("inspectImage", podmanError("storage_damaged", "looking at it", "manifest"));
  podman.control.fail("removeImage", podmanError("image_in_use", "removing it", "in use"));
  const pulls = createPulls({ clock: systemClock, podman, onChange() {} });
  const own = wanted("web");
  pulls.configure([own]);
  await until("the image", async () => await podman.inspectImage(own.reference) !== null);
  await until("the end", () => !pulls.status().has(own.pin));
  await pulls.close();
});

Deno.test("a damaged image that cannot be had again is told as such", async () => {
  const podman = createFakePodman();
  podman.control.fail("inspectImage", podmanError("storage_damaged", "looking at it", "layer"));
  const pulls = createPulls({ clock: systemClock, podman, onChange() {} });
  const own = wanted("gone");
  pulls.configure([own]);
  await until("the failure", () => pulls.status().get(own.pin)?.kind === "failed");
  const state = pulls.status().get(own.pin);
  assert.match(state?.kind === "failed" ? state.reason.message : "", /damaged on this node/);
  await pulls.close();
});
