/** Containers: seen through Podman, planned in plan.ts, made and ended here. */
import type { Log } from "../../../shared/log.ts";
import type { ContainersSection, Deployment } from "../../../shared/model/sections.ts";
import { DeploymentId } from "../../../shared/model/ids.ts";
import { z } from "zod";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import type { ContainerSeen, ImageSeen, Podman } from "../../drivers/podman/driver.ts";
import { imageKey } from "../../reconcile/image_key.ts";
import type { Desired, Facet, World } from "../../reconcile/world.ts";
import { hostFor, type Share, SHARE_LABELS, sharesOf } from "../../reconcile/sharing.ts";
import { containerCreate, LABELS } from "./create.ts";
import type { MountedFiles } from "./files.ts";
import { ownVariables, runHooks, startMark } from "./hooks.ts";
import { createKernelWatch } from "./kernel.ts";
import { type ContainerStep, planContainers } from "./plan.ts";
import type { ContainersSeen } from "./seen.ts";

export interface ContainersDeps {
  readonly podman: Podman;
  readonly podmanNetwork: string;
  readonly files: MountedFiles;
  readonly log: Log;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
  secretSource(deployment: string, index: number): string;
  /** Runs that somebody looks on at: told around the start, and of one that cannot be made. */
  readonly attended: {
    beforeStart(deployment: DeploymentId, containerId: string, signal: AbortSignal): Promise<void>;
    started(deployment: DeploymentId): void;
    cannotStart(deployment: DeploymentId, thrown: unknown): void;
  };
  /** Copies a container's log to its end before it is removed. */
  flushLogs(deployment: DeploymentId): Promise<void>;
  /** Opens what was sealed to this node. */
  unseal(sealed: string): Uint8Array;
  /** Plain values of secrets that become variables, by version. */
  secretValue(world: World, version: string): string;
}

export function createContainersFacet(deps: ContainersDeps): Facet<"containers", ContainerStep> {
  const { podman } = deps;
  // Images change only by pulls, builds and prunes; asking for each at every turn would be waste.
  const images = new Map<string, ImageSeen>();
  const kernel = createKernelWatch({ podman, monotonic: deps.monotonic });

  return {
    name: "containers",
    async observe(desired, signal) {
      const containers = await podman.listContainers(signal);
      await observeImages(podman, desired, images, signal);
      const seen = sortOut(containers, images);
      return {
        ...seen,
        awaitingHooks: await awaitingHooks(deps, desired, seen),
        kernel: await kernel.look(seen.byDeployment),
        apart: await apart(podman, desired, seen),
      };
    },
    plan: planContainers,
    async execute(step, world, signal) {
      switch (step.kind) {
        case "create":
          try {
            return await create(deps, world, step.deployment, signal);
          } catch (thrown) {
            forgetImages(images, thrown);
            deps.attended.cannotStart(step.deployment, thrown);
            throw thrown;
          }
        case "start":
          try {
            return await podman.startContainer(step.containerId, signal);
          } catch (thrown) {
            forgetImages(images, thrown);
            throw thrown;
          }
        case "post_start":
          return await postStart(deps, world, step, signal);
        case "stop":
          await preStop(deps, world, step, signal);
          return await podman.stopContainer(step.containerId, step.graceMs, signal);
        case "remove":
          if (step.deployment !== null && step.graceMs !== undefined) {
            const { deployment, containerId, graceMs } = step;
            await preStop(deps, world, { deployment, containerId }, signal);
            await podman.stopContainer(containerId, graceMs, signal);
          }
          if (step.deployment !== null) await deps.flushLogs(step.deployment);
          await podman.removeContainer(step.containerId, signal);
          if (step.deployment !== null) await deps.files.remove(step.deployment);
          return;
      }
    },
  };
}

/** Which container is whose. Of several with one deployment's label the running one counts. */
export function sortOut(
  containers: readonly ContainerSeen[],
  images: ReadonlyMap<string, ImageSeen>,
): ContainersSeen {
  const byDeployment = new Map<DeploymentId, ContainerSeen>();
  const strays: ContainerSeen[] = [];
  const sorted = [...containers].sort((a, b) =>
    Number(b.state === "running") - Number(a.state === "running") || (a.id < b.id ? -1 : 1)
  );
  for (const container of sorted) {
    const id = DeploymentId.safeParse(container.labels[LABELS.deployment]);
    if (id.success && !byDeployment.has(id.data)) byDeployment.set(id.data, container);
    else strays.push(container);
  }
  return { byDeployment, strays, images: new Map(images) };
}

async function observeImages(
  podman: Podman,
  desired: Desired,
  known: Map<string, ImageSeen>,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set<string>();
  for (const section of desired.containers) {
    for (const { image, want } of section.deployments) {
      if (want !== "absent") wanted.add(imageKey(image));
    }
  }
  for (const key of known.keys()) if (!wanted.has(key)) known.delete(key);
  for (const key of wanted) {
    if (known.has(key)) continue;
    try {
      const image = await podman.inspectImage(key, signal);
      if (image !== null) known.set(key, image);
    } catch (thrown) {
      // As good as not there: the pulls take it away and fetch it again.
      if (!isDamaged(thrown)) throw thrown;
    }
  }
}

/** It may be the image, damaged or removed by hand: that it is here is no longer taken for known. */
function forgetImages(images: Map<string, ImageSeen>, thrown: unknown): void {
  const isGone = thrown instanceof SkerryError && thrown.code === "image_unknown";
  if (isGone || isDamaged(thrown)) images.clear();
}

function isDamaged(thrown: unknown): boolean {
  return thrown instanceof SkerryError && thrown.code === "storage_damaged";
}

/** Which of those that run have hooks that are not done for this very start. */
async function awaitingHooks(
  deps: ContainersDeps,
  desired: Desired,
  seen: ContainersSeen,
): Promise<ReadonlySet<DeploymentId>> {
  const awaiting = new Set<DeploymentId>();
  for (const section of desired.containers) {
    for (const { id, spec } of section.deployments) {
      const container = seen.byDeployment.get(id);
      if ((spec.hooks?.postStart ?? []).length === 0 || container?.state !== "running") continue;
      if (await deps.files.hookMark(id) !== startMark(container)) awaiting.add(id);
    }
  }
  return awaiting;
}

/** Which of those that run are in a namespace that their host does not have any more. */
async function apart(
  podman: Podman,
  desired: Desired,
  seen: ContainersSeen,
): Promise<ReadonlySet<DeploymentId>> {
  const found = new Set<DeploymentId>();
  const byId = new Map([...seen.byDeployment.values()].map((each) => [each.id, each]));
  for (const section of desired.containers) {
    for (const deployment of section.deployments) {
      const own = seen.byDeployment.get(deployment.id);
      if (own?.state !== "running" || own.pid === null) continue;
      for (const { kind } of sharesOf(deployment)) {
        const host = byId.get(own.labels[SHARE_LABELS[kind]] ?? "");
        if (host?.state !== "running" || host.pid === null) continue;
        const [one, other] = await Promise.all([
          podman.namespaceOf(own.pid, kind),
          podman.namespaceOf(host.pid, kind),
        ]);
        if (one !== null && other !== null && one !== other) found.add(deployment.id);
      }
    }
  }
  return found;
}

/** One that cannot be finished has not started: it stops, and is started again as one that fell. */
async function postStart(
  deps: ContainersDeps,
  world: World,
  step: { readonly deployment: DeploymentId; readonly containerId: string },
  signal: AbortSignal,
): Promise<void> {
  const { deployment } = find(world, step.deployment);
  const seen = world.seen.containers.byDeployment.get(step.deployment);
  if (seen === undefined) return;
  const env = environment(deps, world, deployment);
  try {
    await runHooks(deps.podman, step.containerId, deployment, "post_start", env, signal);
  } catch (thrown) {
    if (thrown instanceof SkerryError && thrown.code === "hook_failed") {
      deps.attended.cannotStart(step.deployment, thrown);
      await deps.podman.stopContainer(step.containerId, deployment.spec.stopGraceMs, signal);
    }
    throw thrown;
  }
  await deps.files.markHooks(deployment.id, startMark(seen));
}

/** Whatever becomes of these, the container stops. */
async function preStop(
  deps: ContainersDeps,
  world: World,
  step: { readonly deployment: DeploymentId; readonly containerId: string },
  signal: AbortSignal,
): Promise<void> {
  const { deployment } = find(world, step.deployment);
  if ((deployment.spec.hooks?.preStop ?? []).length === 0) return;
  const env = environment(deps, world, deployment);
  try {
    await runHooks(deps.podman, step.containerId, deployment, "pre_stop", env, signal);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    deps.log.warn("a hook before the stop failed; the container stops all the same", {
      service: deployment.serviceName,
      why: messageOf(thrown),
    });
  }
}

const Environment = z.record(z.string(), z.string());

async function create(
  deps: ContainersDeps,
  world: World,
  id: DeploymentId,
  signal: AbortSignal,
): Promise<void> {
  const { section, deployment } = find(world, id);
  const key = imageKey(deployment.image);
  const image = world.seen.containers.images.get(key);
  if (image === undefined) {
    throw new SkerryError("image_unknown", `image "${key}" is not on this node`);
  }
  await deps.files.layOut(deployment);
  const request = containerCreate(
    world.desired.node,
    section,
    deployment,
    image.id,
    ownVariables(environment(deps, world, deployment)),
    {
      podmanNetwork: deps.podmanNetwork,
      volumeName: (volume) => volumeName(world, volume),
      fileSource: (index) => deps.files.source(deployment.id, index),
      secretSource: (index) => deps.secretSource(deployment.id, index),
      host: (share) => hostContainer(world, section, share),
    },
  );
  const containerId = await deps.podman.createContainer(request, signal);
  await checkLimits(deps.podman, containerId, deployment, signal);
  await deps.attended.beforeStart(id, containerId, signal);
  await deps.podman.startContainer(containerId, signal);
  deps.attended.started(id);
}

function hostContainer(world: World, section: ContainersSection, share: Share): string {
  const host = hostFor(world, section, share);
  if (host.kind === "host") return host.container.id;
  throw new SkerryError("host_not_ready", `making a container: it ${host.message}`);
}

/** Podman ignores fields that it does not know: what it kept is compared with what was asked. */
async function checkLimits(
  podman: Podman,
  containerId: string,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<void> {
  const { memoryBytes, cpus, pids } = deployment.spec.resources;
  if (memoryBytes === undefined && cpus === undefined && pids === undefined) return;
  const applied = await podman.appliedLimits(containerId, signal);
  const off = [
    memoryBytes !== undefined && applied.memoryBytes !== memoryBytes ? "memory" : null,
    cpus !== undefined && Math.abs((applied.cpus ?? 0) - cpus) > 0.01 ? "cpus" : null,
    pids !== undefined && applied.pids !== pids ? "pids" : null,
  ].filter((each) => each !== null);
  if (off.length === 0) return;
  await podman.removeContainer(containerId, signal);
  throw new SkerryError(
    "limits_not_applied",
    `Podman did not take the ${off.join(", ")} limit of "${deployment.serviceName}"`,
    "look at `skerry doctor`: this host's cgroups may lack that controller",
  );
}

function environment(
  deps: ContainersDeps,
  world: World,
  deployment: Deployment,
): Record<string, string> {
  const env = deployment.sealedEnvironment === null ? {} : Environment.parse(
    JSON.parse(new TextDecoder().decode(deps.unseal(deployment.sealedEnvironment))),
  );
  for (const { variable, version } of deployment.spec.envSecrets) {
    env[variable] = deps.secretValue(world, version);
  }
  return env;
}

function find(world: World, id: DeploymentId) {
  for (const section of world.desired.containers) {
    const deployment = section.deployments.find((each) => each.id === id);
    if (deployment !== undefined) return { section, deployment };
  }
  throw new SkerryError("deployment_unknown", `deployment "${id}" is no longer wanted`);
}

function volumeName(world: World, volume: string): string | undefined {
  for (const section of world.desired.volumes) {
    const found = section.volumes.find((each) => each.id === volume);
    if (found !== undefined) return found.engineName;
  }
  return undefined;
}
