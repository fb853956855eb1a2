import assert from "node:assert/strict";
import type { ContainerSeen, ImageSeen } from "../../drivers/podman/driver.ts";
import type { HealthCheck } from "../../../shared/model/service_spec.ts";
import type { DeploymentId } from "../../../shared/model/ids.ts";
import { TEST_IMAGE_ID, testDeployment, testDesired, testSpec } from "../../testing/intent.ts";
import { healthTargets } from "./target.ts";

const declared: NonNullable<ImageSeen["healthcheck"]> = {
  kind: "exec",
  command: ["/healthy"],
  intervalMs: 7000,
  timeoutMs: 3000,
  retries: 4,
  startPeriodMs: 2000,
  startIntervalMs: 1000,
};

/** What is checked of a running service with this check of its own, over an image that has one. */
function checkedWith(health: HealthCheck, more: { kind?: "job" } = {}): readonly HealthCheck[] {
  const deployment = testDeployment("web", { spec: testSpec({ health }), ...more });
  const container: ContainerSeen = {
    id: "c",
    name: "web",
    state: "running",
    labels: {},
    imageId: TEST_IMAGE_ID,
    pid: 2,
    exitCode: null,
    startedAt: 1,
    finishedAt: null,
    address: null,
  };
  const image: ImageSeen = {
    id: TEST_IMAGE_ID,
    repoDigests: [],
    repoTags: [],
    exposedPorts: [],
    sizeBytes: 1,
    volumes: [],
    healthcheck: declared,
  };
  return healthTargets({
    desired: testDesired([deployment]),
    seen: {
      containers: {
        byDeployment: new Map<DeploymentId, ContainerSeen>([[deployment.id, container]]),
        strays: [],
        images: new Map([[TEST_IMAGE_ID, image]]),
        awaitingHooks: new Set(),
      },
    },
  }).map(({ check }) => check);
}

Deno.test("an image's own check counts where the service has none", () => {
  assert.deepEqual(checkedWith({ kind: "none", probePort: 80 }), [declared]);
  assert.deepEqual(
    checkedWith({ kind: "none", probePort: 80, imageTiming: { intervalMs: 9000 } }),
    [{ ...declared, intervalMs: 9000 }],
  );
});

Deno.test("a check of its own, or none said, goes before the image's; jobs have none", () => {
  const own: HealthCheck = { ...declared, command: ["/own"] };
  assert.deepEqual(checkedWith(own), [own]);
  const none: HealthCheck = { kind: "none", probePort: 80, ignoresImage: true };
  assert.deepEqual(checkedWith(none), [none]);
  assert.deepEqual(checkedWith({ kind: "none", probePort: null }, { kind: "job" }), []);
});
